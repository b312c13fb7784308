// One source, two builds: ESM in dist/esm, CommonJS in dist/cjs (most Nest applications today).
import { mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { compile } from './compile.mjs';

rmSync('dist', { recursive: true, force: true });
if (process.argv.includes('--clean')) process.exit(0);

for (const [project, out, type] of [
  ['tsconfig.build.json', 'dist/esm', 'module'],
  ['tsconfig.cjs.json', 'dist/cjs', 'commonjs'],
]) {
  compile(project, out);
  mkdirSync(out, { recursive: true });
  // Tells Node how to read the .js files of this folder, whatever the package's own type is.
  writeFileSync(`${out}/package.json`, `${JSON.stringify({ type })}\n`);
}
