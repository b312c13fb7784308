// Runs the end-to-end and interop tests with libzmq, and what crosses the wire with each engine on one side. `npm test` runs
// them all with `node`.
//
//   node scripts/test-engines.mjs [vitest arguments]
//   node scripts/test-engines.mjs --only libzmq-libzmq [vitest arguments]

import { spawnSync } from 'node:child_process';
import { readdirSync } from 'node:fs';

/** Engine of the client, engine of the server. `npm test` runs `node` with `node`. */
const PAIRS = [
  ['libzmq', 'libzmq'],
  ['node', 'libzmq'],
  ['libzmq', 'node'],
];

/** These tests name the engine themselves, so `npm test` has run them on each. */
const OF_ONE_ENGINE = ['threads', 'resets', 'security-tls'];

/** These test what watches calls, finds servers or makes calls for people: it does not see the engine. */
const ABOVE_THE_WIRE = [
  'cli-',
  'compose-sample',
  'contract',
  'demo-page',
  'discovery',
  'fleet-watch',
  'gateway-sample',
  'health',
  'kubernetes-sample',
  'migration-sample',
  'observability-sample',
  'opentelemetry',
  'prometheus',
  'python-sample',
  'streams-sample',
];

/**
 * These test what happens at one end, in the code of users or around it. Clients and servers on libzmq run them, and clients
 * and servers on `node`: what crosses the wire between the two engines is for the others.
 */
const AT_ONE_END = [
  'async-context',
  'budgets',
  'careless-',
  'channels',
  'errors',
  'exit',
  'failing-servers',
  'fake-timers',
  'handlers',
  'hedging',
  'hooks',
  'hybrid',
  'lifecycle',
  'logs',
  'machinery',
  'modules',
  'never-settling',
  'own-send',
  'patterns',
  'places',
  'processing-hooks',
  'readiness',
  'scopes',
  'serializers',
  'shutdown',
  'signals',
  'subset',
  'validation',
  'values',
  'words',
  'zones',
];

const args = process.argv.slice(2);
const only = args[0] === '--only' ? args.splice(0, 2)[1] : undefined;
const pairs = only === undefined ? PAIRS : [only.split('-')];
const endToEnd = (leftOut) =>
  readdirSync('test/e2e')
    .filter((name) => !leftOut.some((one) => name.startsWith(one)))
    .map((name) => `test/e2e/${name}`);
const whole = endToEnd([...OF_ONE_ENGINE, ...ABOVE_THE_WIRE]);
const between = endToEnd([...OF_ONE_ENGINE, ...ABOVE_THE_WIRE, ...AT_ONE_END]);

for (const [client, server] of pairs) {
  console.log(`\nClients on ${client}, servers on ${server}:`);
  // Peers in other languages meet one engine, not a pair.
  const all = client === server ? [...whole, 'test/interop'] : between;
  const files = args.length > 0 ? args : all;
  const { status } = spawnSync('npx', ['vitest', 'run', ...files], {
    stdio: 'inherit',
    env: { ...process.env, FREELANCE_CLIENT_ENGINE: client, FREELANCE_SERVER_ENGINE: server },
  });
  if (status !== 0) {
    console.error(`Failed with clients on ${client}, servers on ${server}.`);
    process.exit(1);
  }
}
