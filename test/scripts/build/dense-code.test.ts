import { decode, encode, type SourceMapMappings } from '@jridgewell/sourcemap-codec';
import { expect, test } from 'vitest';
import { inLines } from '../../../scripts/build/dense-code.mjs';

/** A map that names, for each text in the code, the line of the source that it is from. */
function mapOf(code: string, lines: Record<string, number>) {
  const mappings: SourceMapMappings = code.split('\n').map(() => []);
  for (const [text, line] of Object.entries(lines)) {
    const before = code.slice(0, code.indexOf(text)).split('\n');
    mappings[before.length - 1]?.push([before.at(-1)?.length ?? 0, 0, line, 0]);
  }
  return { sources: ['source.ts'], mappings: encode(mappings) };
}

/** For each line of the code, the lines of the source that it says it is from. */
function linesOf({ map }: { map?: string }): (number | undefined)[][] {
  const { mappings } = JSON.parse(map ?? '{}') as { mappings: string };
  return decode(mappings).map((segments) => segments.map(([, , line]) => line));
}

test('a line for each statement, member of a class, and case', () => {
  const code =
    'class A{#a=1;b(){return this.#a}}switch(x){case 1:f();break;default:g()}const{h}=i;';
  expect(inLines({ code }).code.split('\n')).toEqual([
    'class A{',
    '#a=1;',
    'b(){',
    'return this.#a}}',
    'switch(x){',
    'case 1:',
    'f();',
    'break;',
    'default:',
    'g()}',
    'const{h}=i;',
    '',
  ]);
});

test('lines in a text stay as they are, spaces at their ends as well', () => {
  const code = 'const a=`one  \n  two \n`;const b=`\n`;f();';
  expect(inLines({ code }).code).toBe('const a=`one  \n  two \n`;\nconst b=`\n`;\nf();\n');
});

test('each line is mapped to the lines of the source that it is from, its beginning as well', () => {
  const code = 'const a=`\n`;function b(){return c({k,z})}f();';
  const map = mapOf(code, { a: 3, function: 5, return: 6, k: 7, z: 8, 'f(': 20 });
  expect(linesOf(inLines({ code, map }))).toEqual([[3], [], [5], [6, 7, 8], [20]]);
  const { mappings } = JSON.parse(inLines({ code, map }).map ?? '') as { mappings: string };
  expect(decode(mappings).flatMap(([first]) => (first ? [first[0]] : []))).toEqual([0, 0, 0, 0]);
});

test('what has nothing of a source has no map', () => {
  expect(inLines({ code: 'f();', map: { sources: [], mappings: '' } }).map).toBeUndefined();
});
