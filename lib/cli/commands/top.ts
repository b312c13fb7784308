import { Command, Option } from 'commander';
import type { FleetWatch } from '../../fleet/fleet-watch.js';
import type { FleetSnapshot } from '../../fleet/snapshot.js';
import type { CliIo } from '../cli-io.js';
import { addConnectionFlags, foundOptions } from '../connection-flags.js';
import { EXIT, exitCodeOf } from '../exit-codes.js';
import { routeLog } from '../route-log.js';
import { teach } from '../teach.js';
import { jsonLine } from '../json-line.js';
import { LiveTop } from '../top/live-top.js';
import { plainSnapshot } from '../top/plain-snapshot.js';
import { UntilSettled } from '../top/until-settled.js';
import { KEYS } from '../top/view-state.js';
import { duration } from '../values.js';
import { inWordsOfFlags } from '../words-of-flags.js';

interface TopFlags {
  readonly interval: number;
  readonly once?: boolean;
  readonly json?: boolean;
}

/** Less would make servers count more for the watcher than for their callers; more is a mistaken unit. */
const INTERVAL = { min: 100, max: 3_600_000 };

export function topCommand(io: CliIo): Command {
  const command = new Command('top')
    .summary('watch servers live: states, calls per second, latencies, failing patterns')
    .description(
      'Shows what servers do, as top(1) shows processes: their states, calls and errors per second, latencies, what waits, the slowest and the failing patterns, and what happens.',
    )
    .argument('[endpoints...]', 'the servers, as --endpoint has them')
    .addOption(
      new Option('-i, --interval <s>', 'from one look to the next, in s, or such as 500ms')
        .argParser(duration('s', INTERVAL))
        .default(1000, '1 s'),
    )
    .option('--once', 'look once, and end; so it does without a terminal, too')
    .option('--json', 'a JSON object for each look, one a line, until Ctrl-C');
  addConnectionFlags(command, 'flag').action((endpoints: string[], flags: TopFlags) =>
    top(command, io, endpoints, flags),
  );
  return teach(command, {
    notes: [
      ['Keys:', ...KEYS.map(([keys, what]) => `  ${keys.padEnd(15)} ${what}`)].join('\n'),
      'Servers are asked for $freelance.stats, which they answer if their option introspection is on: by default\non loopback, and where security admits named clients only. Of others only the state is shown.',
    ],
    examples: [
      ['top -e tcp://10.0.0.1:5555 -e tcp://10.0.0.2:5555', 'two servers, live'],
      ['top --once', 'a table of the servers of FREELANCE_ENDPOINTS'],
      ["top --json | jq '.totals'", 'what all servers do together, once a second'],
    ],
    exitCodes: { 1: 'with --once, or without a terminal: no server is reachable' },
  });
}

async function top(
  command: Command,
  io: CliIo,
  given: readonly string[],
  { interval, once = false, json = false }: TopFlags,
): Promise<void> {
  const options = await foundOptions(command, io, given);
  const isLive = io.isTty && !once && !json;
  const { FleetWatch: Watch } = await import('../../fleet/fleet-watch.js');
  // A log that is written to the same terminal would be drawn over.
  await routeLog(command, { err: isLive && io.isErrTty ? () => undefined : io.err });
  const watch = inWordsOfFlags(() => new Watch({ ...options, intervalMs: interval }));
  try {
    if (isLive) await showLive(watch, io);
    else if (json && !once) await printAll(watch, io);
    else await printOnce(watch, io, interval, json);
  } finally {
    watch.stop();
  }
}

async function showLive(watch: FleetWatch, io: CliIo): Promise<void> {
  const live = new LiveTop(io);
  live.open();
  try {
    watch.start((snapshot) => live.show(snapshot));
    const how = await Promise.race([live.left, interruption(io)]);
    io.exit(how === 'interrupt' ? exitCodeOf('SIGINT') : EXIT.fine);
  } finally {
    // Before anything is said about what went wrong.
    live.close();
  }
}

async function printAll(watch: FleetWatch, io: CliIo): Promise<void> {
  let isBlocked = false;
  watch.start((snapshot) => {
    // A reader that lags behind misses looks: what it has not read must not pile up.
    if (isBlocked) return;
    io.out(jsonLine(snapshot));
    isBlocked = true;
    void io.drained().then(() => (isBlocked = false));
  });
  await interruption(io);
}

async function printOnce(
  watch: FleetWatch,
  io: CliIo,
  intervalMs: number,
  json: boolean,
): Promise<void> {
  const until = new UntilSettled(intervalMs);
  const settled = new Promise<FleetSnapshot>((resolve) => {
    watch.start((snapshot) => {
      if (until.isSettled(snapshot)) resolve(snapshot);
    });
  });
  const snapshot = await Promise.race([settled, interruption(io)]);
  if (!snapshot) return;
  io.out(json ? jsonLine(snapshot) : `${plainSnapshot(snapshot).join('\n')}\n`);
  if (snapshot.servers.some(({ state }) => state !== 'dead' && state !== 'connecting')) return;
  io.err('No server is reachable. `nestjs-freelance doctor ENDPOINT` says why.\n');
  io.exit(EXIT.failed);
}

/** Resolves when the command has to end. */
function interruption({ interrupted }: CliIo): Promise<undefined> {
  return new Promise((resolve) => {
    if (interrupted.aborted) resolve(undefined);
    interrupted.addEventListener('abort', () => resolve(undefined), { once: true });
  });
}
