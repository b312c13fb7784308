import { FreelanceClientProxy, FreelanceTransportServer } from 'nestjs-freelance';
import { setTimeout as delay } from 'node:timers/promises';
import { nestClient } from './nest-client.js';
import { nestServer } from './nest-server.js';
import type { Client } from './subject.js';

const POLL_MS = 5;

export async function serve(): Promise<string> {
  const strategy = new FreelanceTransportServer({ bind: 'tcp://127.0.0.1:*' });
  await nestServer({ strategy });
  const [endpoint] = strategy.endpoints;
  if (endpoint === undefined) throw new Error('the server listens nowhere');
  return endpoint;
}

export async function connect(endpoints: readonly string[]): Promise<Client> {
  const proxy = new FreelanceClientProxy({ endpoints });
  const client = await nestClient(proxy);
  // `connect` waits for the first server only.
  const servers = () => Object.values(proxy.stats().endpoints);
  while (servers().some(({ state }) => state !== 'alive')) await delay(POLL_MS);
  return { ...client, iterate: (pattern, data) => proxy.iterate(pattern, data) };
}
