// Mutation testing by Stryker, outside CI: changes one operator, condition or statement at a time, and lists the changes
// that no test of the same layer detects.
//
//   npm run mutate -- core protocol agents     # whole layers: minutes to hours each
//   npm run mutate -- lib/core/pool.ts         # one file, or several

import { readdirSync } from 'node:fs';
import { root, run } from './workshop.mjs';

const LAYERS = new Set(readdirSync(`${root}/lib`).filter((name) => !name.includes('.')));

const wanted = process.argv.slice(2);
if (wanted.length === 0) wanted.push('core', 'protocol', 'agents');

/** What to mutate, by the layer whose tests must detect it. */
const byLayer = new Map();
for (const name of wanted) {
  const layer = LAYERS.has(name) ? name : name.split('/')[1];
  if (!LAYERS.has(layer)) throw new Error(`no layer and no file of one: ${name}`);
  const files = LAYERS.has(name) ? `lib/${name}/**/*.ts` : name;
  byLayer.set(layer, [...(byLayer.get(layer) ?? []), files]);
}

for (const [layer, files] of byLayer) {
  process.env.MUTATED_LAYER = layer;
  run(root, 'npx', 'stryker', 'run', 'test/mutation/stryker.config.mjs', '-m', files.join(','));
}
