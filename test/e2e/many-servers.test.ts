import { expect, test } from 'vitest';
import { Child } from '../support/child.js';
import { eventually } from '../support/eventually.js';
import { connectTo } from '../support/nest.js';
import { freeEndpoint } from '../support/ports.js';

test("a client may know more servers than libzmq's default number of sockets", async () => {
  const port = (await freeEndpoint()).split(':').at(-1);
  // Nobody listens on these loopback addresses, and each takes sockets until it refuses.
  const endpoints = Array.from(
    { length: 600 },
    (_, n) => `tcp://127.1.${n >> 8}.${n & 255}:${port}`,
  );
  using client = connectTo(endpoints, {
    connectTimeout: 200_000,
    reconnectInterval: 20_000,
    // However long a busy machine takes to refuse them all, none is dead for its silence.
    heartbeatTimeout: 200_000,
  });
  const reasons = new Set<string>();
  client.on('down', (_endpoint, reason) => reasons.add(reason));
  const failure = client.connect().catch((error: unknown) => error);
  await eventually(() => {
    const { endpoints: known } = client.stats();
    expect(Object.values(known).filter(({ state }) => state === 'dead')).toHaveLength(600);
  });
  expect(reasons).toEqual(new Set(['the connection was refused']));
  client.close();
  expect(await failure).toMatchObject({ code: 'CLOSED' });
});

test('a client that runs out of sockets calls the servers that it has reached', async () => {
  const endpoint = await freeEndpoint();
  await using server = Child.node('math-server', endpoint, 'server-1');
  await server.nextLine();
  await using client = Child.node('few-sockets', endpoint);
  expect(await client.nextLine()).toMatchObject({ value: 7 });
  expect(await client.nextLine()).toBe('alive');
  expect(await client.nextLine()).toBe('no room for others');
});
