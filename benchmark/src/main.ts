import { measure } from './run/rounds.js';
import { plan } from './run/plan.js';
import { Watch } from './run/watch.js';
import { SCENARIOS } from './scenarios/registry.js';

const watch = new Watch();
process.once('SIGINT', () => watch.fail(new Error('stopped')));
const rows = await measure(
  plan(SCENARIOS, () => true),
  { rounds: 1, seconds: 0.5 },
  watch,
  () => '',
  (cell, act, told) =>
    console.error(
      act.scenario.name,
      cell.name,
      ...told.map(
        (r) => `${r.subject} ${act.scenario.metrics[0].format(r.values['callsPerSecond'] ?? 0)}`,
      ),
    ),
);
console.log(JSON.stringify(rows, null, 1));
