import { expect, test } from 'vitest';
import { Bench } from './bench.js';
import type { Harness } from './harness.js';
import { ECHO } from './peers.js';

export function bindingContract(harness: Harness): void {
  const bench = new Bench(harness);

  test('clients can connect to the reported endpoint', async () => {
    const server = await bench.serve(ECHO);
    expect(server.socket.endpoints).toHaveLength(1);
    expect(server.endpoint).not.toContain('*');
    const client = await bench.connected(server);
    client.send('hello');
    await bench.until(() => expect(client.events).toEqual(['ready', 'hello']));
  });

  test('a server answers at each of several addresses, and reports them in order', async () => {
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

  test('an address in use fails the bind by name, and the others are free again', async () => {
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

  test('an address can be bound again once it is reported free', async () => {
    const address = await bench.place.newEndpoint();
    for (let round = 0; round < 10; round++) {
      const server = await bench.serve(ECHO, [address]);
      const client = await bench.connected(server);
      client.send(`round ${round}`);
      await bench.until(() => expect(client.messages.map(String)).toEqual([`round ${round}`]));
      await bench.freed(server);
    }
  });

  test('no message is delivered before the server has all its addresses', async () => {
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

  test('without security no peer has an identity, and each is heard', async () => {
    const { server, client, peer } = await bench.pair();
    const known = server.peer(peer);
    expect(known.identity).toBeUndefined();
    expect(known.isHeard).toBe(true);
    known.left();
    server.send(peer, 'hello');
    await bench.until(() => expect(client.events).toEqual(['ready', 'hello']));
  });

  test('closing a server twice does no harm', async () => {
    const server = await bench.serve();
    const client = await bench.connected(server);
    await bench.freed(server);
    server.socket.close();
    await bench.untilLost(client);
    const next = await bench.serve({}, [server.endpoint]);
    expect(next.endpoint).toBe(server.endpoint);
  });
}
