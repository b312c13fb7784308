import { expect, test } from 'vitest';
import { planOf } from '../../../scripts/build/plan.mjs';

const texts = new Map([
  ['core/a.js', "import { b } from './b.js'; export const a = b;"],
  ['core/b.js', 'export const b = 1;'],
  ['engine/later.js', 'export const later = 1;'],
  [
    'nest/server.js',
    "import { Server } from '@nestjs/microservices'; import { a as x } from '../core/a.js';",
  ],
  ['nest/log.js', 'export const log = 1;'],
  ['fleet/watch.js', "import './../nest/server.js'; export { b as c } from '../core/b.js';"],
  ['cli/run.js', "import { log } from '../nest/log.js'; void import('../engine/later.js');"],
  ['bin/program.js', "import '../cli/run.js';"],
]);
const { isShared, loadedLater, uses } = planOf(texts, 'bin/program.js');

test('shared is what imports neither Nest nor anything that does, and is not of the command line', () => {
  expect([...texts.keys()].filter(isShared)).toEqual([
    'core/a.js',
    'core/b.js',
    'engine/later.js',
    'nest/log.js',
  ]);
  expect(isShared('rxjs')).toBe(false);
});

test('for each room that is not shared, the plan has what it uses, by the names that modules export', () => {
  expect(
    Object.fromEntries(Array.from(uses, ([room, of]) => [room, Object.fromEntries(of)])),
  ).toEqual({
    nest: { 'core/a.js': new Set(['a']) },
    fleet: { 'core/b.js': new Set(['b']) },
    cli: { 'nest/log.js': new Set(['log']) },
  });
});

test('what is imported later is loaded as a whole', () => {
  expect([...loadedLater]).toEqual(['engine/later.js']);
});

test.each([
  "import * as b from './b.js';",
  "import b from './b.js';",
  "import b, { c } from './b.js';",
  "export * from './b.js';",
  "export * as b from './b.js';",
])('%s is refused: the plan would not know the names that it takes', (code) => {
  const all = new Map([['core/a.js', code]]);
  expect(() => planOf(all, 'bin/program.js')).toThrow('core/a.js: the build knows');
});

test('packages may be imported in any way, and modules for what they do when they are loaded', () => {
  const codes = ["import dns from 'node:dns';", "export * from 'rxjs';", "import './b.js';"];
  for (const code of codes) {
    expect(() => planOf(new Map([['core/a.js', code]]), 'bin/program.js')).not.toThrow();
  }
});
