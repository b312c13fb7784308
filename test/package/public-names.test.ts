import { readFile } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
import { expect, test } from 'vitest';

const read = (path: string) => readFile(fileURLToPath(new URL(path, import.meta.url)), 'utf8');

/** The names between the braces of every `export { … }` or `import { … }`, from whatever module `from` matches. */
const namesIn = (code: string, from: string) =>
  [...code.matchAll(new RegExp(`^(?:export|import)(?: type)? \\{([^}]*)\\} from '${from}'`, 'gmu'))]
    .flatMap(([, names = '']) => names.split(','))
    .map((name) => name.replace('type ', '').trim())
    .filter((name) => name !== '')
    .toSorted();

test.each([
  ['', 'public-names.ts', 'FreelanceError'],
  ['/contract', 'contract.ts', 'Implements'],
  ['/testing', 'testing.ts', 'stubServer'],
])(
  'the file that the apps type-check imports every name of nestjs-freelance%s',
  async (path, file, one) => {
    const exported = namesIn(await read(`../../lib${path}/index.ts`), '.*');
    expect(exported).toContain(one);
    expect(namesIn(await read(`apps/types/${file}`), `nestjs-freelance${path}`)).toEqual(exported);
  },
);
