import { Brokers } from './brokers/brokers.js';
import type { BrokerName } from './brokers/registry.js';
import type { Options } from './options.js';
import { Progress } from './progress.js';
import { thisMachine } from './report/machine.js';
import type { Row } from './report/row.js';
import type { Results } from './report/results.js';
import { theseVersions } from './report/versions.js';
import { type Block, plan, subjectsOf } from './run/plan.js';
import { runRounds } from './run/rounds.js';
import type { Watch } from './run/watch.js';
import { SCENARIOS } from './scenarios/registry.js';
import { SUBJECTS } from './subjects/registry.js';

/**
 * Runs the measurements that the options select.
 *
 * @throws Error if anything goes wrong: half a run is not a result
 */
export async function benchmark(options: Options, watch: Watch): Promise<Results> {
  const blocks = plan(
    SCENARIOS.filter(({ name }) => options.scenarios.includes(name)),
    (subject) => options.subjects.includes(subject),
  );
  if (blocks.length === 0) throw new Error('There is nothing to measure.');
  const rows = await runAll(blocks, options, watch);
  return {
    date: new Date().toISOString().slice(0, 10),
    machine: thisMachine(),
    versions: theseVersions(),
    engine: options.engine ?? 'default',
    pace: { rounds: options.rounds, seconds: options.seconds },
    rows,
  };
}

async function runAll(blocks: readonly Block[], options: Options, watch: Watch): Promise<Row[]> {
  const brokers = new Brokers(watch);
  try {
    for (const broker of brokersOf(blocks)) await brokers.start(broker);
    const progress = new Progress(options.rounds * sizeOf(blocks));
    return await runRounds(blocks, options, {
      watch,
      brokerOf: (subject) => brokers.addressOf(SUBJECTS[subject].broker),
      measured: ({ scenario }, cell, told) => progress.measured(scenario, cell, told),
    });
  } finally {
    await brokers.end();
  }
}

function brokersOf(blocks: readonly Block[]): Set<BrokerName> {
  const brokers = subjectsOf(blocks).map((subject) => SUBJECTS[subject].broker);
  return new Set(brokers.filter((broker) => broker !== undefined));
}

function sizeOf(blocks: readonly Block[]): number {
  const cells = blocks.flatMap((block) => block.cells);
  return cells.reduce((size, { subjects }) => size + subjects.length, 0);
}
