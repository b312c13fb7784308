import { parseArgs } from 'node:util';
import { failureReport, Summary } from './report.js';
import { scenarioNamed } from './scenarios/index.js';
import { type Outcome, simulate } from './simulation.js';

const USAGE = `npm run simulate -- [options]

  --scenario name   what kind of world: 'anything' if not told
  --seeds n         how many worlds: 100 if not told
  --minutes n       how long, instead
  --first n         the seed of the first one: 1 if not told
  --seed n          this one alone
  --trace           and all that happens in it
`;

const { values: args } = parseArgs({
  options: {
    scenario: { type: 'string', default: 'anything' },
    seeds: { type: 'string' },
    minutes: { type: 'string' },
    first: { type: 'string', default: '1' },
    seed: { type: 'string' },
    trace: { type: 'boolean', default: false },
    help: { type: 'boolean', default: false },
  },
});
const scenario = scenarioNamed(args.scenario);

if (args.help) console.log(USAGE);
else if (args.seed === undefined) await runMany(Number(args.first));
else await runOne(Number(args.seed));

async function runMany(first: number): Promise<void> {
  const summary = new Summary();
  const until =
    args.minutes === undefined ? Infinity : performance.now() + Number(args.minutes) * 60_000;
  const count = Number(args.seeds ?? (args.minutes === undefined ? 100 : Infinity));
  for (let seed = first; seed < first + count && performance.now() < until; seed++) {
    const outcome = await simulate(scenario, seed);
    summary.add(outcome);
    if (outcome.violations.length > 0) await failed(outcome, summary.failures);
  }
  console.log(String(summary));
}

/** Only the first failure is reported in detail; the others may have the same cause. */
async function failed(outcome: Outcome, failures: number): Promise<void> {
  process.exitCode = 1;
  if (failures === 1) {
    console.log(`${failureReport(outcome, await traced(outcome.seed))}\n`);
  } else {
    const [first] = outcome.violations;
    console.log(`Seed ${outcome.seed} failed too. ${first?.rule}: ${first?.what}`);
  }
}

async function runOne(seed: number): Promise<void> {
  const outcome = await traced(seed);
  if (args.trace) console.log(outcome.trace.join('\n'));
  for (const fact of outcome.measured) console.log(fact);
  if (outcome.violations.length === 0) {
    console.log(`Seed ${seed} keeps every rule: ${outcome.calls} calls in ${outcome.steps} steps.`);
  } else {
    process.exitCode = 1;
    console.log(failureReport(outcome, outcome));
  }
}

function traced(seed: number): Promise<Outcome> {
  return simulate(scenario, seed, { isTraced: true, inspectEvery: 1 });
}
