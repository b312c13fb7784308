// Mutation testing by Stryker, outside CI: changes one operator, condition or statement at a time, and names those
// changes that no test of the same floor notices.
//
//   npm run mutate -- core protocol agents     # whole floors: minutes to hours each
//   npm run mutate -- lib/core/pool.ts         # one file, or several

import { readdirSync } from 'node:fs';
import { root, run } from './workshop.mjs';

const FLOORS = new Set(readdirSync(`${root}/lib`).filter((name) => !name.includes('.')));

const wanted = process.argv.slice(2);
if (wanted.length === 0) wanted.push('core', 'protocol', 'agents');

/** What to mutate, by the floor whose tests have to notice. */
const byFloor = new Map();
for (const name of wanted) {
  const floor = FLOORS.has(name) ? name : name.split('/')[1];
  if (!FLOORS.has(floor)) throw new Error(`no floor and no file of one: ${name}`);
  const files = FLOORS.has(name) ? `lib/${name}/**/*.ts` : name;
  byFloor.set(floor, [...(byFloor.get(floor) ?? []), files]);
}

for (const [floor, files] of byFloor) {
  process.env.MUTATED_FLOOR = floor;
  run(root, 'npx', 'stryker', 'run', 'test/mutation/stryker.config.mjs', '-m', files.join(','));
}
