import { execFile } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { beforeAll, expect, test } from 'vitest';

const MAIN = fileURLToPath(new URL('../../sample/05-compose/dist/main.js', import.meta.url));

const ROOT = fileURLToPath(new URL('../..', import.meta.url));

let said: string;

beforeAll(async () => {
  const run = promisify(execFile);
  await run(process.execPath, ['scripts/compile.mjs', 'sample/05-compose'], { cwd: ROOT });
  // Before the hook's own limit, which would leave the sample's processes behind.
  ({ stdout: said } = await run(process.execPath, [MAIN], { timeout: 240_000 }));
}, 300_000);

// Other systems have 127.0.0.1 only.
test.skipIf(process.platform !== 'linux')(
  'sample/05-compose calls as many servers as there are after each scaling, and no order fails',
  () => {
    expect(said.replaceAll(/ \d+(?=[,;])/g, ' n')).toBe(
      [
        '--scale orders=1',
        '  orders-1 n; 0 failed',
        '--scale orders=3',
        '  orders-1 n, orders-2 n, orders-3 n; 0 failed',
        '--scale orders=2',
        '  orders-1 n, orders-2 n; 0 failed',
        '',
      ].join('\n'),
    );
  },
);
