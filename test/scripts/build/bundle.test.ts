import { expect, test } from 'vitest';
import { bundle } from '../../../scripts/build/bundle.mjs';

const PROGRAM = 'bin/program.js';

/** The files of a package with one entry point, which imports Nest. */
function bundled(texts: Record<string, string>): Promise<Map<string, string>> {
  const all = {
    [PROGRAM]: 'console.log(1);',
    'index.js': "import { run } from './nest/run.js'; export { run };",
    ...texts,
  };
  return bundle(new Map(Object.entries(all)), ['index.js'], PROGRAM, []);
}

test('what does not import Nest is there once, what does as both kinds of module', async () => {
  const built = await bundled({
    'nest/run.js':
      "import { Server } from '@nestjs/microservices'; import { log } from '../core/log.js'; export const run = () => log(Server);",
    'core/log.js': 'export const log = console.log;',
  });
  const having = (text: string) =>
    Array.from(built)
      .filter(([, code]) => code.includes(text))
      .map(([path]) => path);
  expect(having('console.log;')).toEqual(['shared/core.js']);
  expect(having('@nestjs/microservices')).toEqual(['nest/nest.js', 'esm/nest/nest.js']);
  expect(built.get('shared/used-by/nest.js')).toContain('exports.log=');
  expect(built.get('nest/nest.js')).toContain('require("../shared/used-by/nest.js")');
  expect(built.get('esm/nest/nest.js')).toContain('from"../../shared/used-by/nest.js"');
});

test('rooms that import each other are refused, although no modules do', async () => {
  const built = bundled({
    'nest/run.js':
      "import '@nestjs/common'; import { log } from '../core/log.js'; export const run = log;",
    'core/log.js': "import { text } from '../protocol/text.js'; export const log = text().length;",
    'protocol/text.js':
      "import { at } from '../core/at.js'; const now = at(); export const text = () => now;",
    'core/at.js': 'export function at() { return String(Date.now()); }',
  });
  await expect(built).rejects.toThrow(': shared/core.js → shared/protocol.js → shared/core.js');
});

test('a room that uses two things of one name is refused: it would get one of them for both', async () => {
  const built = bundled({
    'nest/run.js':
      "import '@nestjs/common'; import { log } from '../core/log.js'; import { log as other } from '../agents/log.js'; export const run = [log, other];",
    'core/log.js': 'export const log = 1;',
    'agents/log.js': 'export const log = 2;',
  });
  await expect(built).rejects.toThrow('nest uses two things called log: rename one');
});

test('what has no source is named', async () => {
  await expect(bundled({})).rejects.toThrow('there is no lib/nest/run.ts');
});
