import { readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { mutants } from './mutants.js';

const read = (path: string) => readFileSync(new URL(path, import.meta.url), 'utf8');

test('each rule has a mutant that breaks it: a rule that nothing breaks proves nothing', () => {
  const [, union = ''] = /type Rule =([^;]+);/u.exec(read('../rules/verdict.ts')) ?? [];
  const rules = Array.from(union.matchAll(/\| '(.+)'/gu), ([, rule = '']) => rule);
  expect(rules).toContain('ends once');
  expect(new Set(mutants.map(({ caughtBy }) => caughtBy))).toEqual(new Set(rules));
});

test('README.md lists each mutant, the rule that catches it, and the scenario', () => {
  const [, table = ''] = read('../README.md').split('## The mutants, and what catches each');
  const rows = Array.from(
    table.matchAll(/^\| (.+?) +\| `(.+?)` +\| `(\w+)` +\|$/gmu),
    ([, name, rule, scenario]) => `${name}: ${rule} in ${scenario}`,
  );
  expect(rows.toSorted()).toEqual(
    mutants
      .map(({ name, caughtBy, scenario = 'anything' }) => `${name}: ${caughtBy} in ${scenario}`)
      .toSorted(),
  );
});
