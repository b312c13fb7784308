import { existsSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { describe, expect, test } from 'vitest';

const root = new URL('../../', import.meta.url);
const read = (path: string) => readFileSync(new URL(path, root), 'utf8');

/** A run with another version of Nest has only some of the tests. */
const isWhole = existsSync(fileURLToPath(new URL('test/simulation', root)));

const promises = isWhole ? promisesOf(read('docs/guarantees.md')) : [];

describe.skipIf(!isWhole)('the promises of docs/guarantees.md', () => {
  test('are nine', () => {
    expect(promises).toHaveLength(9);
  });

  test.each(promises)('$title: names tests, rules and scenarios', ({ tests, rules, scenarios }) => {
    expect([tests.length, rules.length, scenarios.length]).not.toContain(0);
  });

  test.each(promises)('$title: its test files contain the tests that it names', ({ tests }) => {
    const missing = tests.flatMap(({ file, titles }) => {
      const code = read(file);
      const isThere = (title: string) =>
        [`'${title}'`, `"${title}"`].some((quoted) => code.includes(quoted));
      return titles.filter((title) => !isThere(title)).map((title) => `${file} ${title}`);
    });
    expect(missing).toEqual([]);
  });

  test.each(promises)(
    '$title: the simulation has its rules, and seeded bugs break one',
    async ({ rules }) => {
      const known = firstGroups(read('test/simulation/rules/verdict.ts'), /^ {2}\| '(.+?)'/gmu);
      expect(rules.filter((rule) => !known.includes(rule))).toEqual([]);
      const { mutants } = await import('../simulation/mutants/mutants.js');
      expect(mutants.filter(({ caughtBy }) => rules.includes(caughtBy))).not.toEqual([]);
    },
  );

  test.each(promises)('$title: npm run chaos has its scenarios', async ({ scenarios }) => {
    const { SCENARIOS } = await import('../chaos/scenarios/index.js');
    const known = new Set(SCENARIOS.map(({ name }) => name));
    expect(scenarios.filter((scenario) => !known.has(scenario))).toEqual([]);
  });
});

interface Proof {
  readonly file: string;
  readonly titles: readonly string[];
}

interface PromiseOnPage {
  readonly title: string;
  readonly tests: readonly Proof[];
  readonly rules: readonly string[];
  readonly scenarios: readonly string[];
}

function promisesOf(page: string): PromiseOnPage[] {
  return page
    .split(/^##+ /mu)
    .filter((section) => /^\d\./u.test(section))
    .map((section) => {
      const [title = ''] = section.split('\n');
      // A line of the page may end within a title.
      const text = section.replaceAll(/\s+/gu, ' ');
      const after = (label: string) => text.split(` - ${label}: `)[1]?.split(' - ')[0] ?? '';
      const tests = after('Tests')
        .split(/(?=`test\/)/u)
        .map((part) => {
          const [file = ''] = firstGroups(part, /^`(.+?)`/gu);
          return { file, titles: firstGroups(part, /"(.+?)"/gu) };
        });
      const names = (label: string) => firstGroups(after(label), /`(.+?)`/gu);
      return { title, tests, rules: names('Rules'), scenarios: names('Scenarios') };
    });
}

function firstGroups(text: string, pattern: RegExp): string[] {
  return Array.from(text.matchAll(pattern), ([, first = '']) => first);
}
