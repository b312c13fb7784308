import { readFile } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
import { expect, test } from 'vitest';

const read = (path: string) => readFile(fileURLToPath(new URL(path, import.meta.url)), 'utf8');

/** The names between the braces of every `export { … }` or `import { … }`. */
const namesIn = (code: string) =>
  [...code.matchAll(/^(?:export|import)(?: type)? \{([^}]*)\} from '(?!rxjs)/gm)]
    .flatMap(([, names = '']) => names.split(','))
    .map((name) => name.replace('type ', '').trim())
    .filter((name) => name !== '')
    .toSorted();

test('the file that the apps type-check imports every name of the package root', async () => {
  const exported = namesIn(await read('../../lib/index.ts'));
  expect(exported).toContain('FreelanceError');
  expect(namesIn(await read('apps/types/public-names.ts'))).toEqual(exported);
});
