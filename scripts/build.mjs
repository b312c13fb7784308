// Builds dist: code that does not need Nest, once; the rest as CommonJS and, in dist/esm, as ES modules; types; source maps of lines.
import { mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { dirname, join, relative } from 'node:path';
import { minifySync } from 'rolldown/utils';
import { bundle } from './build/bundle.mjs';
import { compile } from './build/compile.mjs';
import { bundleTypes } from './build/types.mjs';

const OUT = 'dist';
const PAGE = 'lib/dashboard/page';

if (process.argv.includes('--clean')) {
  rmSync(OUT, { recursive: true, force: true });
  process.exit(0);
}

const started = performance.now();
process.stderr.write(`building ${OUT} … `);
const { exports, bin, peerDependenciesMeta } = JSON.parse(readFileSync('package.json', 'utf8'));
const entries = Object.values(exports)
  .filter((entry) => typeof entry === 'object')
  .map(({ require }) => relative(OUT, require.default));
const program = relative(OUT, bin['nestjs-freelance']);

const texts = compile();
// With the files of the dashboard's page in it: the package reads none, and works wherever a bundler puts it.
texts.set('dashboard/page-text.js', pageModule());
texts.delete('dashboard/page-text.js.map');

const built = new Map([
  ...(await bundleTypes(texts, entries)),
  ...(await bundle(texts, entries, program, Object.keys(peerDependenciesMeta))),
]);
// Tell Node how to read the .js files of a folder, independently of the package's own type.
built.set('package.json', '{"type":"commonjs"}\n');
built.set('esm/package.json', '{"type":"module"}\n');
// Only now: a build that fails, or is stopped, leaves the one before it as it is.
rmSync(OUT, { recursive: true, force: true });
for (const [path, text] of built) {
  mkdirSync(join(OUT, dirname(path)), { recursive: true });
  writeFileSync(join(OUT, path), text);
}
process.stderr.write(`${((performance.now() - started) / 1000).toFixed(1)} s\n`);

function pageModule() {
  const files = readdirSync(PAGE).filter((name) => name !== 'tsconfig.json');
  const pageTexts = files.map((name) => [
    name,
    minified(name, readFileSync(join(PAGE, name), 'utf8')),
  ]);
  return `const texts = ${JSON.stringify(Object.fromEntries(pageTexts))};
export const pageText = (name) => texts[name];
`;
}

function minified(name, text) {
  if (!name.endsWith('.js')) return text;
  const { code, errors } = minifySync(name, text, { module: true });
  // It throws nothing, and its code is empty then.
  if (errors.length > 0) throw new Error(`${name}: ${errors[0].message}`);
  return code;
}
