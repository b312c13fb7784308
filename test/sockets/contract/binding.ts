import { expect, test } from 'vitest';
import { Bench } from './bench.js';
import type { Harness } from './harness.js';
import { ECHO } from './peers.js';

export function bindingContract(harness: Harness): void {
  const bench = new Bench(harness);

  test('an endpoint is what clients can connect to', async () => {
    const server = await bench.serve(ECHO);
    expect(server.socket.endpoints).toHaveLength(1);
    expect(server.endpoint).not.toContain('*');
    const client = await bench.connected(server);
    client.send('hello');
    await bench.until(() => expect(client.events).toEqual(['ready', 'hello']));
  });

  test('a server has as many endpoints as it wants, in their order, and answers at each', async () => {
    const addresses = [await bench.place.newEndpoint(), await bench.place.newEndpoint()];
    const server = await bench.serve(ECHO, addresses);
    expect(server.socket.endpoints).toEqual(addresses);
    for (const endpoint of addresses) {
      const client = bench.connect(endpoint);
      await bench.until(() => expect(client.isReady).toBe(true));
      client.send(endpoint);
      await bench.until(() => expect(client.events).toEqual(['ready', endpoint]));
    }
    expect(new Set(server.heard.map(({ peer }) => peer)).size).toBe(2);
  });

  test('an address that is taken is refused by name, and those with it are free', async () => {
    const other = await bench.serve(ECHO);
    const free = await bench.place.newEndpoint();
    await expect(bench.serve({}, [free, other.endpoint])).rejects.toMatchObject({
      code: 'EADDRINUSE',
      address: other.endpoint,
      message: expect.stringContaining(`cannot bind ${other.endpoint}`),
    });
    await bench.serve({}, [free]);
    const client = await bench.connected(other);
    client.send('still here');
    await bench.until(() => expect(client.messages.map(String)).toEqual(['still here']));
  });

  test('an address can be bound again as soon as it is told to be free, again and again', async () => {
    const address = await bench.place.newEndpoint();
    for (let round = 0; round < 10; round++) {
      const server = await bench.serve(ECHO, [address]);
      const client = await bench.connected(server);
      client.send(`round ${round}`);
      await bench.until(() => expect(client.messages.map(String)).toEqual([`round ${round}`]));
      await bench.freed(server);
    }
  });

  test('nothing is heard before the server has all its addresses', async () => {
    const addresses = [await bench.place.newEndpoint(), await bench.place.newEndpoint()];
    const binding = bench.serve(ECHO, addresses);
    const clients = addresses.map((endpoint) =>
      bench.connect(endpoint, { whenReady: (client) => client.send('early') }),
    );
    const server = await binding;
    const last = await bench.connected(server);
    last.send('last');
    await bench.until(() => expect(server.texts).toContain('last'));
    expect(server.faults).toEqual([]);
    const connected = clients.filter(({ isReady, isLost }) => isReady && !isLost);
    await bench.until(() =>
      expect(connected.map(({ events }) => events)).toEqual(
        connected.map(() => ['ready', 'early']),
      ),
    );
  });

  test('nobody is known where there is no security, and everybody is heard', async () => {
    const { server, client, peer } = await bench.pair();
    const id = Buffer.from(peer, 'hex');
    expect(server.socket.identify(id)).toBeUndefined();
    expect(server.socket.isHeard(id)).toBe(true);
    server.socket.left(id);
    server.send(peer, 'hello');
    await bench.until(() => expect(client.events).toEqual(['ready', 'hello']));
  });

  test('a server that is closed twice is closed once', async () => {
    const server = await bench.serve();
    const client = await bench.connected(server);
    await bench.freed(server);
    server.socket.close();
    await bench.untilLost(client);
    const next = await bench.serve({}, [server.endpoint]);
    expect(next.endpoint).toBe(server.endpoint);
  });
}
