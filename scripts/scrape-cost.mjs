// What a scrape of docs/prometheus.md costs: one client with 20 servers and 200 patterns, and one of the servers. Needs a build:
// npm run build && node scripts/scrape-cost.mjs
import { Logger } from '@nestjs/common';
import { FreelanceClientProxy, FreelanceTransportServer } from 'nestjs-freelance';
import { freelanceCollector } from 'nestjs-freelance/prometheus';
import { Registry } from 'prom-client';
import { firstValueFrom } from 'rxjs';

Logger.overrideLogger(false);

const SERVERS = 20;
const PATTERNS = 200;
const ROUNDS = 200;

function listen(name) {
  const server = new FreelanceTransportServer({ bind: `inproc://${name}` });
  for (let n = 0; n < PATTERNS; n++) server.addHandler(`pattern.${n}`, async (data) => data);
  return new Promise((resolve, reject) => {
    server.listen((error) => (error ? reject(error) : resolve(server)));
  });
}

/** The CPU time of one run, garbage collection included, in ms: other processes do not count. */
async function measured(run) {
  for (let round = 0; round < 20; round++) await run();
  const before = process.cpuUsage();
  for (let round = 0; round < ROUNDS; round++) await run();
  const { user, system } = process.cpuUsage(before);
  return `${((user + system) / 1000 / ROUNDS).toFixed(1)} ms of CPU time`;
}

const servers = await Promise.all(Array.from({ length: SERVERS }, (_, n) => listen(`server-${n}`)));
const client = new FreelanceClientProxy({
  endpoints: servers.flatMap(({ endpoints }) => endpoints),
  balancer: 'round-robin',
});
const calls = Array.from({ length: PATTERNS * 50 }, (_, n) => `pattern.${n % PATTERNS}`);
await Promise.all(calls.map((pattern) => firstValueFrom(client.send(pattern, 1))));

const registry = new Registry();
freelanceCollector({ registry, clients: { inventory: client } });
if (process.argv.includes('--print')) {
  console.log(await registry.metrics());
  process.exit();
}
const text = await registry.metrics();
const lines = text.split('\n').filter((line) => line !== '' && !line.startsWith('#'));
console.log(
  `${SERVERS} servers, ${PATTERNS} patterns: ${lines.length} samples, ${text.length} bytes`,
);
console.log(`client.stats():      ${await measured(() => client.stats())}`);
console.log(`registry.metrics():  ${await measured(() => registry.metrics())}`);

client.close();
await Promise.all(servers.map((server) => server.close()));
