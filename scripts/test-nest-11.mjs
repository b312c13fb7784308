// The test suite with Nest 11: all of it with the newest, and what touches Nest with the oldest that
// package.json allows.
import { copyFileSync } from 'node:fs';
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

withNest('newest', (folder) => {
  run(folder, 'npm', 'run', 'typecheck');
  run(folder, 'npm', 'test');
});

// Its types lack what newer ones have, so the library is not compiled with it: users do not either.
withNest('oldest', (folder) => {
  const inThisProcess = ['handlers', 'server', 'client'].map((name) => `test/e2e/${name}.test.ts`);
  run(folder, 'npx', 'vitest', 'run', ...inThisProcess);
});
