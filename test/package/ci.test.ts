import { spawnSync } from 'node:child_process';
import { chmodSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, expect, test } from 'vitest';

const script = fileURLToPath(new URL('../../.ci/run', import.meta.url));

/** Commands that only note how they were called; the one that they are told to fails. */
const STUB = `#!/bin/sh
line="$(basename "$0") $*"
echo "$line" >> "$CALLS"
[ "$line" != "$FAILING" ]
`;

let folder: string;

beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'nestjs-freelance-'));
  for (const name of ['npm', 'apt-get', 'sudo', 'env']) {
    writeFileSync(join(folder, name), STUB);
    chmodSync(join(folder, name), 0o755);
  }
});

afterAll(() => rmSync(folder, { recursive: true }));

/** Runs `.ci/run` on these commands. */
function ci(failing = ''): { status: number | null; calls: string[] } {
  const calls = join(folder, 'calls');
  writeFileSync(calls, '');
  const { status } = spawnSync('bash', [script], {
    env: { PATH: `${folder}:${process.env['PATH'] ?? ''}`, CALLS: calls, FAILING: failing },
  });
  return { status, calls: readFileSync(calls, 'utf8').trim().split('\n') };
}

test('.ci/run fails with whichever of its commands fails', () => {
  const { status, calls } = ci();
  expect(status).toBe(0);
  expect(calls).toEqual(expect.arrayContaining(['npm ci', 'npm test', 'npm run test:apps']));
  for (const [index, call] of calls.entries()) {
    expect({ call, ...ci(call) }).toEqual({ call, status: 1, calls: calls.slice(0, index + 1) });
  }
});
