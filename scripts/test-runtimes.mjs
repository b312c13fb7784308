// The engine over Node's sockets where people run Nest: other runtimes, bundles, the pools of vitest.
import { cpSync } from 'node:fs';
import { join } from 'node:path';
import { copySources, inTemporaryFolder, pack, root, run } from './workshop.mjs';

const BUN = 'node_modules/@oven/bun-linux-x64/bin/bun';
const DENO = 'node_modules/@deno/linux-x64-glibc/deno';

process.env.FREELANCE_SERVER_ENGINE = 'node';
process.env.FREELANCE_CLIENT_ENGINE = 'node';

inTemporaryFolder((folder) => {
  const tests = join(folder, 'runtimes');
  copySources(join(root, 'test/runtimes'), tests);
  const tarball = pack(folder);
  // Their binaries are in the packages: nothing has to run.
  run(tests, 'npm', 'ci', '--ignore-scripts');
  // Not in the manifest: its lock file would hold the hash of this very tarball.
  run(tests, 'npm', 'install', '--no-save', '--ignore-scripts', tarball);

  run(tests, 'node', 'whole-life.mjs');
  if (process.platform === 'linux' && process.arch === 'x64') {
    run(tests, BUN, 'whole-life.mjs');
    run(tests, DENO, 'run', '--allow-all', 'whole-life.mjs');
  } else {
    console.log('\nBun and Deno are tried on Linux, x64');
  }

  run(tests, 'node', 'esbuild.mjs');
  run(tests, 'node', 'webpack.mjs');
  // With no node_modules near it: what it needs is in it, and zeromq is not needed.
  const alone = join(folder, 'alone');
  cpSync(join(tests, 'bundles'), alone, { recursive: true });
  for (const bundle of ['esbuild.cjs', 'esbuild.mjs', 'webpack.cjs']) run(alone, 'node', bundle);

  for (const pool of ['forks', 'threads', 'vmThreads']) {
    run(tests, 'npx', 'vitest', 'run', '--pool', pool, '--maxWorkers', '1', 'pools');
  }
});
