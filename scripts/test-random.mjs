// Runs the tests that use a fixed seed in `npm test` with another seed: properties, simulated worlds, hostile peers.
//
//   npm run test:random             # a new seed, which it prints
//   npm run test:random -- 1234     # that seed again

import { randomInt } from 'node:crypto';
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { root, run } from './workshop.mjs';

const seed = Number(process.argv[2] ?? randomInt(2 ** 31));
if (!Number.isSafeInteger(seed))
  throw new Error(`a seed is an integer, but got ${process.argv[2]}`);
console.log(`Seed ${seed}. To repeat: npm run test:random -- ${seed}`);

const withProperties = readdirSync(join(root, 'test'), { recursive: true, encoding: 'utf8' })
  .filter((file) => file.endsWith('.test.ts') && !file.includes('node_modules'))
  .map((file) => `test/${file}`)
  .filter((file) => readFileSync(join(root, file), 'utf8').includes('fixSeed('));

process.env.FAST_CHECK_SEED = String(seed);
run(root, 'npx', 'vitest', 'run', ...withProperties);
run(root, 'npm', 'run', '--silent', 'simulate', '--', '--first', String(seed), '--seeds', '100');
run(root, 'npm', 'run', '--silent', 'fuzz', '--', '--messages', '20000', '--seed', String(seed));
