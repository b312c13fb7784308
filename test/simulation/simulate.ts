import { parseArgs } from 'node:util';
import { anything, quiet } from './scenarios/anything.js';
import { type Outcome, simulate } from './simulation.js';

const { values: args } = parseArgs({
  options: {
    seeds: { type: 'string', default: '100' },
    first: { type: 'string', default: '1' },
    seed: { type: 'string' },
    scenario: { type: 'string', default: 'anything' },
    trace: { type: 'boolean', default: false },
  },
});
const scenario = args.scenario === 'quiet' ? quiet : anything;
const first = Number(args.seed ?? args.first);
const count = args.seed === undefined ? Number(args.seeds) : 1;
let calls = 0, steps = 0, failed = 0;
const startedAt = process.cpuUsage();
for (let seed = first; seed < first + count; seed++) {
  let o: Outcome = await simulate(scenario, seed, { isTraced: args.trace });
  calls += o.calls; steps += o.steps;
  if (o.violations.length > 0) {
    failed++;
    console.log('seed', seed, o.violations[0]);
  }
  if (args.trace) console.log(o.trace.join('\n'));
}
const { user, system } = process.cpuUsage(startedAt);
const s = (user + system) / 1e6;
console.log({ count, failed, calls, steps, s, callsPerCpuSecond: Math.round(calls / s), seedsPerMin: count / s * 60 });
