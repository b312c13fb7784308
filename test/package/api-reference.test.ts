import { readdirSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { expect, test } from 'vitest';
import manifest from '../../package.json' with { type: 'json' };

const path = (name: string) => fileURLToPath(new URL(`../../${name}`, import.meta.url));

/** As users import them: `nestjs-freelance`, `nestjs-freelance/contract` and so on. */
const imports = Object.keys(manifest.exports)
  .filter((subpath) => subpath !== './package.json')
  .map((subpath) => subpath.replace('.', manifest.name));

test('the API reference has a page for each entry point of the package, and lists it by its import', () => {
  const listed = readFileSync(path('docs/api/README.md'), 'utf8').matchAll(
    /^\| \[(nestjs.*?)\]/gmu,
  );
  expect(Array.from(listed, ([, name]) => name)).toEqual(imports);
  const pages = readdirSync(path('docs/api')).filter((name) => name.endsWith('.md'));
  const expected = imports.map((name) => `${name.replace('nestjs-freelance/', '')}.md`);
  expect(pages.toSorted()).toEqual(['README.md', ...expected].toSorted());
});
