// Compiles TypeScript projects one after another and names each, since each takes seconds.
//
//   node scripts/compile.mjs <folder or tsconfig>…

import { spawnSync } from 'node:child_process';
import { createRequire } from 'node:module';
import { fileURLToPath } from 'node:url';

const tsc = createRequire(import.meta.url).resolve('typescript/bin/tsc');

/** Reports on standard error, because a program may read the script's standard output. */
export function compile(project, what = project) {
  const started = performance.now();
  process.stderr.write(`compiling ${what} … `);
  // The compiler's errors start on a new line.
  const { status, stdout } = spawnSync(process.execPath, [tsc, '-p', project], {
    encoding: 'utf8',
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  if (status === 0) {
    process.stderr.write(`${((performance.now() - started) / 1000).toFixed(1)} s\n`);
    return;
  }
  process.stderr.write(`failed\n${stdout}`);
  process.exit(status ?? 1);
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  for (const project of process.argv.slice(2)) compile(project);
}
