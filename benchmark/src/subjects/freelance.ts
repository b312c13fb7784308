import {
  FreelanceClientProxy,
  type FreelanceEngine,
  FreelanceTransportServer,
} from 'nestjs-freelance';
import { setTimeout as delay } from 'node:timers/promises';
import { nestClient } from './nest-client.js';
import { nestServer } from './nest-server.js';
import type { Client, Subject } from './subject.js';

const POLL_MS = 5;

/** @param engine of both ends; `undefined` is the one that they have by themselves */
export function freelance(engine?: FreelanceEngine): Subject {
  return {
    serve: () => serve(engine),
    connect: (endpoints) => connect(endpoints, engine),
  };
}

async function serve(engine: FreelanceEngine | undefined): Promise<string> {
  const strategy = new FreelanceTransportServer({ bind: 'tcp://127.0.0.1:*', engine });
  await nestServer({ strategy });
  const [endpoint] = strategy.endpoints;
  if (endpoint === undefined) throw new Error('the server does not listen');
  return endpoint;
}

async function connect(
  endpoints: readonly string[],
  engine: FreelanceEngine | undefined,
): Promise<Client> {
  const proxy = new FreelanceClientProxy({ endpoints, engine });
  const client = await nestClient(proxy);
  // `connect` waits for the first server only.
  const servers = () => Object.values(proxy.stats().endpoints);
  while (servers().some(({ state }) => state !== 'alive')) await delay(POLL_MS);
  return { ...client, iterate: (pattern, data) => proxy.iterate(pattern, data) };
}
