import { randomUUID } from 'node:crypto';
import { Command, Option } from 'commander';
import { systemEnvironment } from '../../agents/clock.js';
import { type Hello, MAX_HEARTBEAT_MS, PROTOCOL_VERSION } from '../../protocol/hello.js';
import type { CliIo } from '../cli-io.js';
import { coloursOf } from '../colours.js';
import { addConnectionFlags, foundOptions } from '../connection-flags.js';
import { EXIT } from '../exit-codes.js';
import { Pinger } from '../ping/pinger.js';
import { PINGS_AS_JSON, pingsForPeople } from '../ping/ping-report.js';
import { type PingSummary, ServerPings } from '../ping/server-pings.js';
import { openSockets } from '../open-sockets.js';
import { teach } from '../teach.js';
import { duration, wholeNumber } from '../values.js';

/** Pings that are further apart are of another tool. */
const HOUR_MS = 3_600_000;

/** Ten minutes, as of `doctor`. More is a mistaken unit. */
const MOST_TIMEOUT_MS = 600_000;

interface PingFlags {
  readonly count: number;
  readonly interval: number;
  readonly timeout: number;
  readonly allowUnready?: boolean;
  readonly json?: boolean;
}

export function pingCommand(io: CliIo): Command {
  const command = new Command('ping')
    .summary('measure round trips, and see which servers answer')
    .description(
      'Sends PINGs to servers, and measures how long their answers take: like ping(8), of several servers at once.',
    )
    .argument(
      '[endpoints...]',
      'the servers, such as tcp://10.0.0.1:5555 (default: FREELANCE_ENDPOINTS)',
    )
    .option(
      '-c, --count <n>',
      'how many PINGs each server gets; 0: until Ctrl-C',
      wholeNumber(0),
      1,
    )
    .addOption(
      new Option('-i, --interval <s>', 'from one PING to the next, in s, or such as 200ms')
        .argParser(duration('s', { min: 10, max: HOUR_MS }))
        .default(1000, '1 s'),
    )
    .addOption(
      new Option(
        '-W, --timeout <s>',
        'how long one may take, connecting included, in s, or such as 500ms',
      )
        .argParser(duration('s', { min: 1, max: MOST_TIMEOUT_MS }))
        .default(3000, '3 s'),
    )
    .option(
      '--allow-unready',
      'take an answer as good, even if the server says that it takes no calls',
    )
    .option('--json', 'a JSON object a line: one for each PING, then one for each server');
  addConnectionFlags(command, 'argument').action((endpoints: string[], flags: PingFlags) =>
    ping(command, io, endpoints, flags),
  );
  return teach(command, {
    notes: [
      `Servers of all dialects but that of the guide answer, those without this library,
too. The state is what the server says of itself: ready, unready (it asks for no calls), or
draining (it is leaving).`,
    ],
    examples: [
      ['ping tcp://10.0.0.1:5555', 'a probe of readiness, as Kubernetes needs it'],
      ['ping --allow-unready tcp://10.0.0.1:5555', 'a probe of liveness'],
      [
        'ping -c 5 -i 200ms tcp://10.0.0.1:5555 tcp://10.0.0.2:5555',
        'five round trips to each of two servers',
      ],
    ],
    exitCodes: {
      0: 'every server has answered at least once, and is ready by its latest answer',
      1: 'a server has not answered at all, or is unready or draining',
    },
  });
}

async function ping(
  command: Command,
  io: CliIo,
  given: readonly string[],
  { count, interval, timeout, allowUnready = false, json = false }: PingFlags,
): Promise<void> {
  const options = await foundOptions(command, io, given);
  const sockets = await openSockets(options);
  const report = json ? PINGS_AS_JSON : pingsForPeople(coloursOf(io.isTty, io.env));
  const servers = options.endpoints.map((endpoint) => new ServerPings(endpoint));
  const hello = helloOf(interval);

  await Promise.all(
    servers.map(
      (server) =>
        new Promise<void>((resolve) => {
          const { endpoint } = server;
          const { clock } = systemEnvironment;
          const pinger = new Pinger(
            {
              endpoint,
              count: count === 0 ? Infinity : count,
              intervalMs: interval,
              timeoutMs: timeout,
              hello,
            },
            { sockets, clock },
            {
              settled: (sequence, outcome) => {
                server.add(outcome);
                io.out(report.settled(endpoint, sequence, outcome));
              },
              done: resolve,
            },
          );
          const stop = () => {
            pinger.stop();
            resolve();
          };
          io.interrupted.addEventListener('abort', stop, { once: true });
          if (io.interrupted.aborted) stop();
          else pinger.start();
        }),
    ),
  );

  const summaries = servers.map((server) => server.summary());
  for (const summary of summaries) io.out(report.summary(summary));
  const complaints = summaries.flatMap((summary) => complaintOf(summary, allowUnready) ?? []);
  for (const complaint of complaints) io.err(`${complaint}\n`);
  io.exit(complaints.length > 0 ? EXIT.failed : EXIT.fine);
}

/** Why a server makes the command fail; undefined if it does not. */
function complaintOf({ endpoint, facts }: PingSummary, allowUnready: boolean): string | undefined {
  if (!facts) return `${endpoint} has not answered.`;
  if (facts.state === 'ready' || allowUnready) return undefined;
  return `${endpoint} is ${facts.state}: it takes no calls. With --allow-unready its answer is enough.`;
}

/** A client that only looks: nothing but PONGs is sent to it, and a server that leaves does not wait for it. */
function helloOf(intervalMs: number): Hello {
  return {
    protocol: PROTOCOL_VERSION,
    id: `ping-${randomUUID()}`,
    capabilities: [],
    state: 'ready',
    load: 0,
    heartbeat: Math.min(intervalMs, MAX_HEARTBEAT_MS),
  };
}
