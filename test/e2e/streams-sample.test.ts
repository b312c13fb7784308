import { execFile } from 'node:child_process';
import { readFile } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { expect, test } from 'vitest';

const SAMPLE = new URL('../../sample/07-streams/', import.meta.url);

const ROOT = fileURLToPath(new URL('../..', import.meta.url));

const run = promisify(execFile);

/** What the README of the sample says. */
async function promised(): Promise<string> {
  const readme = await readFile(new URL('README.md', SAMPLE), 'utf8');
  const [, lines = ''] = /\n\n```\n([^`]+)```/.exec(readme) ?? [];
  return lines;
}

// The compiler takes most of the time.
test('sample/07-streams prints what its README says', async () => {
  await run(process.execPath, ['scripts/compile.mjs', 'sample/07-streams'], { cwd: ROOT });
  const main = fileURLToPath(new URL('dist/main.js', SAMPLE));
  const { stdout } = await run(process.execPath, [main]);
  expect(stdout).toBe(await promised());
  expect(stdout).toContain('the source has closed');
}, 300_000);
