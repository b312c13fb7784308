import { readFile } from 'node:fs/promises';
import { expect, test } from 'vitest';
import { run } from '../../sample/02-secure/src/run.js';

/** What the README of the sample says. */
async function promised(): Promise<string[]> {
  const readme = await readFile(
    new URL('../../sample/02-secure/README.md', import.meta.url),
    'utf8',
  );
  const [, lines = ''] = /```text\n([^`]+)\n```/.exec(readme) ?? [];
  return lines.split('\n');
}

test('a guard distinguishes callers by their keys, as the sample says', async () => {
  const said: string[] = [];
  await run((line) => said.push(line));
  expect(said).toEqual(await promised());
  expect(said).toHaveLength(6);
});
