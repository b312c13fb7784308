import { relative } from 'node:path';
import { benchmark } from './benchmark.js';
import { whyMissing } from './brokers/presence.js';
import { contractSuite } from './contract/contract-suite.js';
import { readPace } from './contract/read-pace.js';
import { help } from './help.js';
import { type Options, readOptions } from './options.js';
import { folderOf, KEPT, refreshReadme, SCRATCH, write } from './output.js';
import { report } from './report/report.js';
import { Watch } from './run/watch.js';
import type { SubjectName } from './subjects/registry.js';

/** The exit codes that a shell reports for a process ended by a signal. */
const EXIT_CODES = { SIGHUP: 129, SIGINT: 130, SIGTERM: 143 };

/** The first argument of a run that measures what contracts cost, and nothing else. */
const CONTRACT = 'contract';

async function run(options: Options, watch: Watch): Promise<void> {
  useEngine(options);
  const subjects = options.subjects.filter(isThere);
  const results = await benchmark({ ...options, subjects }, watch);
  // Only complete results are kept.
  const isKept = options.isFull && subjects.length === options.subjects.length;
  const out = options.out === undefined ? (isKept ? KEPT : SCRATCH) : folderOf(options.out);
  write(results, out);
  if (out === KEPT) refreshReadme(results);
  console.log(report(results));
  console.error(`Written to ${relative(folderOf('.'), out)}.`);
}

/** Fails as soon as the user interrupts the run. */
function watchOfSignals(): Watch {
  const watch = new Watch();
  for (const [signal, code] of Object.entries(EXIT_CODES)) {
    process.once(signal, () => {
      watch.fail(new Error(`Stopped by ${signal}.`));
      process.exitCode = code;
    });
  }
  return watch;
}

/** Set by the environment, which every process of the run inherits: the subjects name no engine. */
function useEngine({ engine }: Options): void {
  if (engine === undefined) return;
  process.env['FREELANCE_CLIENT_ENGINE'] = engine;
  process.env['FREELANCE_SERVER_ENGINE'] = engine;
}

function isThere(subject: SubjectName): boolean {
  const why = whyMissing(subject);
  if (why !== undefined) console.error(why);
  return why === undefined;
}

async function start([first, ...others]: readonly string[]): Promise<void> {
  if (first === CONTRACT) {
    console.log(await contractSuite(readPace(others), watchOfSignals()));
    return;
  }
  const options = readOptions(process.argv.slice(2));
  if (options.isHelp) console.log(help());
  else await run(options, watchOfSignals());
}

try {
  await start(process.argv.slice(2));
} catch (error) {
  console.error(error instanceof Error ? error.message : error);
  process.exitCode ??= 1;
}
