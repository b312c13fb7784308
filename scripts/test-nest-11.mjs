// Runs the tests that meet Nest with the newest Nest 11, and the end-to-end ones of them with the oldest that package.json allows.
import { copyFileSync, cpSync, readdirSync, rmSync } from 'node:fs';
import { createRequire } from 'node:module';
import { join } from 'node:path';
import { isOfSample } from './sample-tests.mjs';
import { copySources, inTemporaryFolder, root, run } from './workshop.mjs';

function withNest(which, later, test) {
  inTemporaryFolder((folder) => {
    for (const file of ['package.json', 'package-lock.json']) {
      copyFileSync(join(root, 'test/nest-11', which, file), join(folder, file));
    }
    run(folder, 'npm', 'ci');
    copySources(root, folder);
    // The benchmark compares transports of its own version of Nest.
    rmSync(join(folder, 'test/benchmark'), { recursive: true });
    for (const name of BELOW_NEST) removeTests(join(folder, 'test', name));
    const leftOut = [...later, ...WIRE];
    for (const file of readdirSync(join(folder, 'test/e2e'))) {
      if (isOfSample(file) || leftOut.some((name) => file.startsWith(name)))
        rmSync(join(folder, 'test/e2e', file));
    }
    const nest = createRequire(join(folder, 'package.json'))('@nestjs/microservices/package.json');
    console.log(`\nWith ${nest.name} ${nest.version}:`);
    test(folder);
  });
}

/** Other tests may need what lies beside them. */
function removeTests(folder) {
  for (const file of readdirSync(folder, { recursive: true })) {
    if (file.endsWith('.test.ts')) rmSync(join(folder, file));
  }
}

/** Tests of features that Nest added later: some hooks, and ways to configure and to shut down. */
const LATER = {
  newest: ['hooks'],
  oldest: ['hooks', 'processing-hooks', 'hybrid', 'modules', 'shutdown'],
};

/**
 * Tests of rooms that import no Nest, so that no version of it changes what they do; and of faults below it, of the command
 * line, which calls servers of any Nest alike, of samples, and of documents and the site.
 */
const BELOW_NEST = [
  'agents',
  'chaos',
  'cli',
  'contract/documents',
  'core',
  'discovery',
  'fleet',
  'fuzz',
  'hosts',
  'interop',
  'package',
  'prometheus',
  'protocol',
  'samples',
  'security',
  'simulation',
  'site',
  'sockets',
  'telemetry',
  'zmtp',
];

/**
 * What lies below Nest, end to end: connections, security, failover, discovery, bounds; and the command line. `npm test` tests
 * it with Nest 12. Samples are workspaces of this repository, with its version of Nest.
 */
const WIRE = [
  'addresses',
  'at-most-once',
  'backlog',
  'bad-input',
  'budgets',
  'careless-authorizers',
  'channels',
  'cli-',
  'departure',
  'descriptors',
  'discovery',
  'exit',
  'failing-servers',
  'failover',
  'fleet-watch',
  'guide-clients',
  'hedging',
  'hostile-',
  'introspection',
  'listening',
  'lost-clients',
  'many-servers',
  'message-size',
  'names',
  'never-settling',
  'opentelemetry',
  'packs',
  'places',
  'prometheus',
  'raw-connections',
  'resets',
  'security',
  'signals',
  'standstill',
  'subset',
  'threads',
  'timeouts',
  'zones',
];

withNest('newest', LATER.newest, (newest) => {
  // Compiles the library with Nest 11's types.
  run(newest, 'npm', 'test');

  // Its types lack what newer ones have, so it runs code compiled with those, as users do.
  withNest('oldest', LATER.oldest, (oldest) => {
    for (const build of ['dist', 'test/processes/dist']) {
      cpSync(join(newest, build), join(oldest, build), { recursive: true });
    }
    run(oldest, 'npx', 'vitest', 'run', 'test/e2e');
  });
});
