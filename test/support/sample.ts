import { execFile } from 'node:child_process';
import { readFile } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';

const ROOT = new URL('../../', import.meta.url);

const run = promisify(execFile);

/** Compiles a sample and runs it to its end. @returns what it printed */
export async function runSample(name: string): Promise<string> {
  const cwd = fileURLToPath(ROOT);
  await run(process.execPath, ['scripts/compile.mjs', `sample/${name}`], { cwd });
  const main = fileURLToPath(new URL(`sample/${name}/dist/main.js`, ROOT));
  const { stdout } = await run(process.execPath, [main]);
  return stdout;
}

/** What the README of a sample says that it prints. */
export async function promisedBySample(name: string): Promise<string> {
  const readme = await readFile(new URL(`sample/${name}/README.md`, ROOT), 'utf8');
  const [, lines = ''] = /\n\n```text\n([^`]+)```/.exec(readme) ?? [];
  return lines;
}
