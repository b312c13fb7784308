import { execFile } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { beforeAll, expect, test } from 'vitest';

const MAIN = fileURLToPath(new URL('../../sample/04-kubernetes/dist/main.js', import.meta.url));

const ROOT = fileURLToPath(new URL('../..', import.meta.url));

let said: string;

// Eight processes.
beforeAll(async () => {
  const run = promisify(execFile);
  await run(process.execPath, ['scripts/compile.mjs', 'sample/04-kubernetes'], { cwd: ROOT });
  // Before the hook's own limit, which would leave the sample's processes behind.
  ({ stdout: said } = await run(process.execPath, [MAIN], { timeout: 240_000 }));
}, 300_000);

test('sample/04-kubernetes replaces all pods, and no order fails', () => {
  const lines = said.trim().split('\n');
  expect(lines.slice(0, -1)).toEqual([
    'orders-4 is ready, orders-1 leaves',
    'orders-5 is ready, orders-2 leaves',
    'orders-6 is ready, orders-3 leaves',
  ]);
  expect(lines.at(-1)).toMatch(/^\d{3,} orders were placed, 0 failed$/);
});
