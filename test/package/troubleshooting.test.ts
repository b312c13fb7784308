import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { describe, expect, test } from 'vitest';

const root = new URL('../../', import.meta.url);
const read = (path: string) => readFileSync(new URL(path, root), 'utf8');

/** A run with another version of Nest has no pages. */
const isWhole = existsSync(fileURLToPath(new URL('docs/troubleshooting.md', root)));

const page = isWhole ? read('docs/troubleshooting.md') : '';

/** The first cells of the rows of the table below that heading. */
function firstCells(heading: string): string[] {
  const section = page.split(/^## /mu).find((text) => text.startsWith(heading)) ?? '';
  return Array.from(section.matchAll(/^\| `(.+?)`\s+\|/gmu), ([, cell = '']) => cell);
}

/** Fragments that are put together from a state and a reason. */
const COMPOSED = /^ is (down|up|suspect)/u;

describe.skipIf(!isWhole)('docs/troubleshooting.md', () => {
  test('explains every code of a FreelanceError, and no other', () => {
    const [, union = ''] =
      /type FreelanceErrorCode =([^;]+);/u.exec(read('lib/core/freelance-error.ts')) ?? [];
    const codes = Array.from(union.matchAll(/'(\w+)'/gu), ([, code = '']) => code);
    expect(codes).toContain('ETIMEDOUT');
    expect(firstCells('By error code').toSorted()).toEqual(codes.toSorted());
  });

  test('quotes log lines as the code has them', () => {
    const lib = fileURLToPath(new URL('lib/', root));
    const code = readdirSync(lib, { recursive: true, encoding: 'utf8' })
      .filter((name) => name.endsWith('.ts'))
      .map((name) => readFileSync(`${lib}${name}`, 'utf8'))
      .join('\n')
      // A text over several lines.
      .replaceAll(/['`] \+\n\s+['`]/gu, '');
    const lines = firstCells('By log line');
    expect(lines.length).toBeGreaterThan(15);
    const fragments = lines.flatMap((line) => line.split('…')).filter((text) => text.length > 4);
    const missing = fragments.filter((text) => !COMPOSED.test(text) && !code.includes(text));
    expect(missing).toEqual([]);
  });
});
