// Runs the end-to-end and interop tests with libzmq, and what crosses the wire with each engine on one side. `npm test` runs
// them all with `node`.
//
//   node scripts/test-engines.mjs [vitest arguments]
//   node scripts/test-engines.mjs --only libzmq-libzmq [vitest arguments]

import { spawnSync } from 'node:child_process';
import { readdirSync } from 'node:fs';
import { isOfSample } from './sample-tests.mjs';

/** Engine of the client, engine of the server. `npm test` runs `node` with `node`. */
const PAIRS = [
  ['libzmq', 'libzmq'],
  ['node', 'libzmq'],
  ['libzmq', 'node'],
];

/** These tests name the engine themselves, so `npm test` has run them on each. */
const OF_ONE_ENGINE = ['threads', 'resets', 'security-tls'];

/** This one calls a sample in its own process, on the engines that it is told. */
const SAMPLE_IN_PROCESS = 'security-sample.test.ts';

/** These test what watches calls, finds servers or makes calls for people: it does not see the engine. */
const ABOVE_THE_WIRE = [
  'cli-',
  'contract',
  'discovery',
  'fleet-watch',
  'health',
  'opentelemetry',
  'prometheus',
];

/** What crosses the wire between two engines: messages, streams, security, and how either end leaves. */
const BETWEEN = [
  'client.',
  'departure',
  'events',
  'guide-clients',
  'introspection.',
  'lost-clients',
  'message-size',
  'packs',
  'security-authorizers',
  'security-plain',
  'security-rotation',
  'security.',
  'server.',
  'streams',
];

const args = process.argv.slice(2);
const only = args[0] === '--only' ? args.splice(0, 2)[1] : undefined;
const pairs = only === undefined ? PAIRS : [only.split('-')];
const endToEnd = readdirSync('test/e2e');
const isOneOf = (names) => (file) => names.some((name) => file.startsWith(name));
const isNamed = isOneOf([...OF_ONE_ENGINE, ...ABOVE_THE_WIRE]);
const isElsewhere = (file) => isNamed(file) || (isOfSample(file) && file !== SAMPLE_IN_PROCESS);
const whole = endToEnd.filter((file) => !isElsewhere(file)).map((file) => `test/e2e/${file}`);
const between = endToEnd
  .filter((file) => isOneOf(BETWEEN)(file) && !isElsewhere(file))
  .map((file) => `test/e2e/${file}`);

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
