import { Command, Option } from 'commander';
import type { FreelanceClientProxy } from '../../nest/client/freelance-client-proxy.js';
import { monotonicNow, clearTimeout, setImmediate, setTimeout } from '../../node-timers.js';
import { benchCsv, benchJson, benchText, type BenchReport } from '../bench/bench-report.js';
import { clientTarget } from '../bench/client-target.js';
import { ERASE_LINE, liveLine } from '../bench/live-line.js';
import type { LoadClock } from '../bench/load.js';
import {
  type BenchPlan,
  type BenchProgress,
  type LoadShape,
  runBench,
} from '../bench/run-bench.js';
import { readData } from '../call/read-data.js';
import { readPattern } from '../call/read-pattern.js';
import {
  addRequestFlags,
  clientOptions,
  dataForm,
  recordOf,
  type RequestFlags,
} from '../call/request-flags.js';
import type { CliIo } from '../cli-io.js';
import { addConnectionFlags, foundOptions } from '../connection-flags.js';
import { EXIT } from '../exit-codes.js';
import { openClient } from '../open-client.js';
import { teach } from '../teach.js';
import { untilUnreachable } from '../unreachable.js';
import { duration, positiveNumber, wholeNumber } from '../values.js';

interface BenchFlags extends RequestFlags {
  readonly pattern: string;
  readonly data?: string;
  readonly concurrency?: number;
  readonly rate?: number;
  readonly maxInFlight: number;
  readonly duration: number;
  readonly warmUp: number;
  readonly csv?: boolean;
}

/** A load that takes longer than a day is not a bench. */
const DAY_MS = 86_400_000;

/** What one process can have open, and no default of a server: those admit as many as `maxConcurrency` and `maxQueue` say. */
const MOST_AT_A_TIME = 100_000;

const DEFAULT_CONCURRENCY = 16;

/** A call without a deadline could keep the bench from ending. In ms. */
const DEFAULT_TIMEOUT_MS = 10_000;

/** Calls end by their deadline; a little later they are given up. In ms. */
const GRACE_MS = 1000;

export function benchCommand(io: CliIo): Command {
  const command = new Command('bench')
    .summary('load a handler of yours, and measure it')
    .description(
      'Calls a handler again and again, as many times at once, or a second, as you say, and measures how long its answers take.',
    )
    .requiredOption('-p, --pattern <pattern>', 'of the handler: text, or a JSON object')
    .option('-d, --data <data>', 'JSON; @FILE has it; - for standard input (default: {})')
    .addOption(
      new Option(
        '-c, --concurrency <n>',
        `so many callers, each of which waits for its answer (default: ${DEFAULT_CONCURRENCY})`,
      )
        .argParser(wholeNumber(1, MOST_AT_A_TIME))
        .conflicts('rate'),
    )
    .option('-r, --rate <n>', 'so many calls a second, whatever becomes of them', positiveNumber)
    .option(
      '--max-in-flight <n>',
      'with --rate: how many may be open; further ones wait, and that counts',
      wholeNumber(1, MOST_AT_A_TIME),
      10_000,
    )
    .addOption(
      new Option('--duration <s>', 'how long to measure, in s, or such as 2m')
        .argParser(duration('s', { min: 100, max: DAY_MS }))
        .default(10_000, '10 s'),
    )
    .addOption(
      new Option('--warm-up <s>', 'how long to call before that, without measuring')
        .argParser(duration('s', { min: 0, max: DAY_MS }))
        .default(2000, '2 s'),
    );
  addRequestFlags(command)
    .addOption(new Option('--csv', 'a line of names and one of values').conflicts('json'))
    .option('--json', 'one JSON object');
  addConnectionFlags(command, 'flag').action((flags: BenchFlags) => bench(command, io, flags));
  return teach(command, {
    notes: [
      'The calls are real: the handlers run, with all that they do. They have a deadline of 10 s unless --timeout says\n' +
        'otherwise. Ctrl-C ends the bench and prints what was measured until then.',
      'With --concurrency, a slow server gets fewer calls: a pause of a second is one slow answer for each caller.\n' +
        'With --rate, each call is measured from the moment at which it was due, so that a pause counts for all calls that\n' +
        'it delayed. (G. Tene calls the difference coordinated omission.) Take --rate to learn what users would see.',
    ],
    examples: [
      ["bench -p sum -d '[1,2]' -e tcp://10.0.0.1:5555", '16 callers for 10 s'],
      [
        'bench -p sum --rate 2000 --duration 1m -e tcp://a:5555,tcp://b:5555',
        '2000 calls a second, over two servers',
      ],
      ['bench -p sum -c 1 --csv >> results.csv', 'a line for a spreadsheet'],
    ],
    exitCodes: {
      0: 'measured; calls may have failed',
      1: 'no server could be reached, or no call was answered',
    },
  });
}

async function bench(command: Command, io: CliIo, flags: BenchFlags): Promise<void> {
  const pattern = readPattern(flags.pattern);
  const { timeout = DEFAULT_TIMEOUT_MS } = flags;
  // The load bounds itself.
  const options = {
    ...(await foundOptions(command, io)),
    ...clientOptions(flags),
    timeout,
    maxPending: Infinity,
  };
  const data = await readData(flags.data, dataForm(flags), io);
  const { options: recorded } = await recordOf(data, flags, io.interrupted);
  const { signal: _, ...callOptions } = recorded;
  const { FreelanceRecord } = await import('../../nest/client/freelance-record.js');
  const record = new FreelanceRecord(data, callOptions);
  const plan = {
    load: shapeOf(flags),
    warmUpMs: flags.warmUp,
    durationMs: flags.duration,
    graceMs: timeout + GRACE_MS,
  };
  const client = await openClient(command, io, options);
  try {
    await connected(client, io.interrupted);
    if (io.interrupted.aborted) return;
    io.err(`These are real calls: the handlers of ${flags.pattern} run.\n`);
    const result = await runBench(plan, clientTarget(client, pattern, record), {
      clock: CLOCK,
      interrupted: io.interrupted,
      progress: io.isErrTty ? progressOn(plan, io) : undefined,
    });
    if (io.isErrTty) io.err(ERASE_LINE);
    io.out(printed({ pattern: flags.pattern, plan, result }, flags));
    io.exit(result.answered > 0 ? EXIT.fine : EXIT.failed);
  } finally {
    client.close();
  }
}

function shapeOf({ rate, maxInFlight, concurrency = DEFAULT_CONCURRENCY }: BenchFlags): LoadShape {
  return rate === undefined
    ? { type: 'closed', concurrency }
    : { type: 'open', rate, mostInFlight: maxInFlight };
}

/** Resolves early if it is interrupted. */
function connected(client: FreelanceClientProxy, interrupted: AbortSignal): Promise<void> {
  const aborted = new Promise<void>((resolve) => {
    interrupted.addEventListener('abort', () => resolve(), { once: true });
  });
  return Promise.race([client.connect(), aborted, untilUnreachable(client)]);
}

function progressOn(plan: BenchPlan, io: CliIo): (progress: BenchProgress) => void {
  return (progress) => {
    const width = (io.columns ?? 80) - 1;
    io.err(ERASE_LINE + liveLine(plan, progress).slice(0, width));
  };
}

function printed(report: BenchReport, { csv, json }: BenchFlags): string {
  if (csv) return benchCsv(report);
  return json ? benchJson(report) : benchText(report);
}

const CLOCK: LoadClock = {
  now: monotonicNow,
  after: (ms, run) => {
    const timer = setTimeout(run, ms);
    return () => clearTimeout(timer);
  },
  soon: (run) => void setImmediate(run),
};
