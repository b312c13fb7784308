// The test suite with Nest 11: all of it with the newest, and the end-to-end tests with the oldest that
// package.json allows.
import { copyFileSync, cpSync } from 'node:fs';
import { createRequire } from 'node:module';
import { join } from 'node:path';
import { copySources, inTemporaryFolder, root, run } from './workshop.mjs';

function withNest(which, test) {
  inTemporaryFolder((folder) => {
    for (const file of ['package.json', 'package-lock.json']) {
      copyFileSync(join(root, 'test/nest-11', which, file), join(folder, file));
    }
    run(folder, 'npm', 'ci');
    copySources(root, folder);
    const nest = createRequire(join(folder, 'package.json'))('@nestjs/microservices/package.json');
    console.log(`\nWith ${nest.name} ${nest.version}:`);
    test(folder);
  });
}

withNest('newest', (newest) => {
  run(newest, 'npm', 'run', 'typecheck');
  run(newest, 'npm', 'test');

  // Its types lack what newer ones have: it runs what was compiled with those, as users do.
  withNest('oldest', (oldest) => {
    for (const build of ['dist', 'test/processes/dist']) {
      cpSync(join(newest, build), join(oldest, build), { recursive: true });
    }
    // Failover takes most of the time, and is the same below Nest's face.
    run(oldest, 'npx', 'vitest', 'run', 'test/e2e', '--exclude', 'test/e2e/failover.test.ts');
  });
});
