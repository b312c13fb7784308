// The test suite with the newest Nest 11, and the end-to-end tests with the oldest that package.json
// allows.
import { copyFileSync, cpSync, rmSync } from 'node:fs';
import { createRequire } from 'node:module';
import { join } from 'node:path';
import { copySources, inTemporaryFolder, root, run } from './workshop.mjs';

function withNest(which, leftOut, test) {
  inTemporaryFolder((folder) => {
    for (const file of ['package.json', 'package-lock.json']) {
      copyFileSync(join(root, 'test/nest-11', which, file), join(folder, file));
    }
    run(folder, 'npm', 'ci');
    copySources(root, folder);
    // The benchmark compares with transports of the Nest that it names, not with older ones.
    rmSync(join(folder, 'test/benchmark'), { recursive: true });
    // Minutes of them, all below what touches Nest.
    for (const name of BELOW_NEST) rmSync(join(folder, 'test', name), { recursive: true });
    for (const name of leftOut) rmSync(join(folder, 'test/e2e', `${name}.test.ts`));
    const nest = createRequire(join(folder, 'package.json'))('@nestjs/microservices/package.json');
    console.log(`\nWith ${nest.name} ${nest.version}:`);
    test(folder);
  });
}

/** Tests of what Nest learned later than that: some of its hooks, ways to configure and to shut down. */
const LATER = {
  newest: ['hooks'],
  oldest: ['hooks', 'processing-hooks', 'hybrid', 'modules', 'shutdown'],
};

/** Floors, and what drives them, in which there is no Nest. */
const BELOW_NEST = ['simulation', 'sockets'];

/** Most of the time goes by here, below what touches Nest. */
const SLOW = ['failover', 'threads', 'resets', 'names', 'security-tls-raw'];

withNest('newest', LATER.newest, (newest) => {
  // Compiles the library with Nest 11's types.
  run(newest, 'npm', 'test');

  // Its types lack what newer ones have: it runs what was compiled with those, as users do.
  withNest('oldest', [...LATER.oldest, ...SLOW], (oldest) => {
    for (const build of ['dist', 'test/processes/dist']) {
      cpSync(join(newest, build), join(oldest, build), { recursive: true });
    }
    run(oldest, 'npx', 'vitest', 'run', 'test/e2e');
  });
});
