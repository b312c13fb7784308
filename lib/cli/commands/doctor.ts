import { Command, Option } from 'commander';
import type { ServerTarget } from '../../core/server-target.js';
import type { CliIo } from '../cli-io.js';
import { UsageError } from '../cli-error.js';
import { hasColours } from '../colours.js';
import {
  addConnectionFlags,
  namedEndpoints,
  serversOf,
  withServername,
} from '../connection-flags.js';
import { diagnose } from '../doctor/doctor.js';
import { diagnosisJson } from '../doctor/json-report.js';
import {
  ASCII_MARKS,
  type Marks,
  stepText,
  TERMINAL_MARKS,
  UNCOLOURED_MARKS,
  verdictText,
} from '../doctor/text-report.js';
import { ENDPOINTS_VARIABLE } from '../endpoints.js';
import { EXIT } from '../exit-codes.js';
import { securityOf } from '../security-of.js';
import { teach } from '../teach.js';
import { duration } from '../values.js';
import { flagError } from '../words-of-flags.js';

/** Ten minutes. */
const MOST_TIMEOUT_MS = 600_000;

interface DoctorFlags {
  readonly timeout: number;
  readonly json?: boolean;
}

export function doctorCommand(io: CliIo): Command {
  const command = new Command('doctor')
    .summary('find out why a server cannot be called, and what to do')
    .description(
      'Walks the way of a call to a server, step by step: the address, the name, the connection, TLS, who is there, the ' +
        'handshake, the hello, the clock, the latency. Stops at the first step that fails, and says what to do about it.',
    )
    .argument(
      '[endpoints...]',
      'the servers, such as tcp://10.0.0.1:5555 (default: FREELANCE_ENDPOINTS)',
    )
    .addOption(
      new Option('-W, --timeout <s>', 'how long each step may take, in s, or such as 500ms')
        .argParser(duration('s', { min: 100, max: MOST_TIMEOUT_MS }))
        .default(5000, '5 s'),
    )
    .option('--json', 'one JSON object for each server, with what each step has measured');
  addConnectionFlags(command, 'argument').action((endpoints: string[], flags: DoctorFlags) =>
    doctor(command, io, endpoints, flags),
  );
  return teach(command, {
    notes: [
      'Give the flags of security that your clients have: without them, the doctor is a client without security.\n' +
        'It calls no handler of yours. It uses the engine node, whose wire is that of libzmq, too: --engine and\n--verbose change nothing here.',
    ],
    examples: [
      ['doctor tcp://inventory:5555', 'why does that server not answer?'],
      ['doctor tcp://inventory:5555 --curve-server-key @server.pub', 'the same, with CURVE'],
      ['doctor tls://inventory:5555 --tls-ca ca.pem --json', 'the same, with TLS, for programs'],
    ],
    exitCodes: {
      0: 'a client can call each server',
      1: 'a step failed: its line says which and what to do',
    },
  });
}

async function doctor(
  command: Command,
  io: CliIo,
  given: readonly string[],
  { timeout, json = false }: DoctorFlags,
): Promise<void> {
  const marks = marksOf(io);
  const signal = io.interrupted;
  let areFine = true;
  const named = endpointsOf(namedEndpoints(command, given), io);
  const found = await serversOf(command, named, io);
  const servers: readonly ServerTarget[] = found ?? named.map((endpoint) => ({ endpoint }));
  for (const [at, server] of servers.entries()) {
    if (!json && at > 0) io.out('\n');
    const { endpoint } = server;
    const own = securityOf(command.opts(), io.env, [endpoint]);
    const security = own && withServername(own, [server]);
    const diagnosis = await diagnose({ endpoint, security, timeoutMs: timeout, signal }, (step) => {
      if (!json && !signal.aborted) io.out(stepText(step, marks, io.columns));
    }).catch((error: unknown) => {
      throw flagError(error);
    });
    if (signal.aborted) return;
    io.out(json ? diagnosisJson(diagnosis) : verdictText(diagnosis));
    areFine &&= diagnosis.isFine;
  }
  io.exit(areFine ? EXIT.fine : EXIT.failed);
}

/** As they are: what is wrong with an address is the first step's to say. */
function endpointsOf(given: readonly string[], { env }: CliIo): readonly string[] {
  const lists = given.length > 0 ? given : [env[ENDPOINTS_VARIABLE] ?? ''];
  const named = lists.flatMap((list) => list.split(',')).flatMap((item) => item.trim() || []);
  if (named.length > 0) return named;
  throw new UsageError(
    `no server is named: give an address, such as tcp://127.0.0.1:5555, or set ${ENDPOINTS_VARIABLE}`,
  );
}

function marksOf({ isTty, env }: CliIo): Marks {
  if (hasColours(isTty, env)) return TERMINAL_MARKS;
  return isTty ? UNCOLOURED_MARKS : ASCII_MARKS;
}
