// One source, two builds: ESM in dist/esm, CommonJS in dist/cjs (most Nest applications today).
import { spawnSync } from 'node:child_process';
import { mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';

const tsc = createRequire(import.meta.url).resolve('typescript/bin/tsc');

rmSync('dist', { recursive: true, force: true });
if (process.argv.includes('--clean')) process.exit(0);

for (const [project, out, type] of [
  ['tsconfig.build.json', 'dist/esm', 'module'],
  ['tsconfig.cjs.json', 'dist/cjs', 'commonjs'],
]) {
  const { status } = spawnSync(process.execPath, [tsc, '-p', project], { stdio: 'inherit' });
  if (status !== 0) process.exit(status ?? 1);
  mkdirSync(out, { recursive: true });
  // Tells Node how to read the .js files of this folder, whatever the package's own type is.
  writeFileSync(`${out}/package.json`, `${JSON.stringify({ type })}\n`);
}
