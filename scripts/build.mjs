// Builds one source twice: ESM in dist/esm, CommonJS in dist/cjs (most Nest applications today).
import { mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { compile } from './compile.mjs';

const PAGE = 'lib/dashboard/page';

/** Instead of lib/dashboard/page-text.ts: with the files of the page in it, so that bundles have them as well. */
const pageText = `const texts = ${JSON.stringify(pageTexts(), undefined, 1)};
const pageText = (name) => texts[name];
`;
const EXPORTS = {
  module: 'export { pageText };\n',
  commonjs:
    'Object.defineProperty(exports, "__esModule", { value: true });\nexports.pageText = pageText;\n',
};

rmSync('dist', { recursive: true, force: true });
if (process.argv.includes('--clean')) process.exit(0);

for (const [project, out, type] of [
  ['tsconfig.build.json', 'dist/esm', 'module'],
  ['tsconfig.cjs.json', 'dist/cjs', 'commonjs'],
]) {
  compile(project, out);
  mkdirSync(out, { recursive: true });
  // Tells Node how to read the .js files of this folder, independently of the package's own type.
  writeFileSync(`${out}/package.json`, `${JSON.stringify({ type })}\n`);
  writeFileSync(`${out}/dashboard/page-text.js`, `${pageText}${EXPORTS[type]}`);
  rmSync(`${out}/dashboard/page-text.js.map`);
  for (const name of readdirSync(`${out}/dashboard`)) {
    if (name.startsWith('page-folder.')) rmSync(`${out}/dashboard/${name}`);
  }
}

function pageTexts() {
  const names = readdirSync(PAGE).filter((name) => name !== 'tsconfig.json');
  return Object.fromEntries(names.map((name) => [name, readFileSync(`${PAGE}/${name}`, 'utf8')]));
}
