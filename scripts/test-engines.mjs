// The end-to-end and interop tests on each engine, and on both mixed. `npm test` runs them on the default one.
//
//   node scripts/test-engines.mjs [vitest arguments]
//   node scripts/test-engines.mjs --only libzmq-libzmq [vitest arguments]

import { spawnSync } from 'node:child_process';
import { readdirSync } from 'node:fs';

/** Engine of the client, engine of the server. `node` with `node` is what `npm test` runs. */
const PAIRS = [
  ['libzmq', 'libzmq'],
  ['node', 'libzmq'],
  ['libzmq', 'node'],
];

/** Their tests name the engine themselves, so that `npm test` has run them. */
const OF_ONE_ENGINE = ['threads', 'resets', 'security-tls'];

const args = process.argv.slice(2);
const only = args[0] === '--only' ? args.splice(0, 2)[1] : undefined;
const pairs = only === undefined ? PAIRS : [only.split('-')];
const endToEnd = readdirSync('test/e2e')
  .filter((name) => !OF_ONE_ENGINE.some((one) => name.startsWith(one)))
  .map((name) => `test/e2e/${name}`);

for (const [client, server] of pairs) {
  console.log(`\nClients on ${client}, servers on ${server}:`);
  // With a peer of another language there is one engine, not a pair of them.
  const all = client === server ? [...endToEnd, 'test/interop'] : endToEnd;
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
