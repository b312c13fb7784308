import { expect, test } from 'vitest';
import { Bench } from './bench.js';
import type { Harness } from './harness.js';
import { ECHO, type TestClient } from './peers.js';

const WORDS = Array.from({ length: 200 }, (_, i) => `word ${i}`);

export function endingContract(harness: Harness): void {
  const bench = new Bench(harness);
  const { tellsEnds, namesTheLost, keepsLastWords } = harness.traits;

  test.runIf(tellsEnds)(
    'an endpoint where nobody listens is reported lost once, and later',
    async () => {
      const client = bench.connect(await bench.place.newEndpoint());
      client.send('anybody');
      expect(client.events).toEqual([]);
      await bench.until(() => expect(client.isLost).toBe(true));
      client.send('still nobody');
      await bench.until(() => expect(client.undelivered).toEqual(['anybody', 'still nobody']));
      await bench.place.settle();
      expect(client.events).toEqual(['lost']);
      expect(client.reason).toMatch(/\w+/);
    },
  );

  test.runIf(tellsEnds)(
    'the last messages of a server arrive before its loss is reported',
    async () => {
      const { server, client, peer } = await bench.pair();
      for (const word of WORDS) server.send(peer, word);
      void server.close();
      await bench.until(() => expect(client.isLost).toBe(true));
      await bench.place.settle();
      const words = client.events.slice(1, -1);
      expect(client.events).toEqual(['ready', ...words, 'lost']);
      expect(words).toEqual(keepsLastWords ? WORDS : WORDS.slice(0, words.length));
      client.close();
      await bench.place.settle();
      expect(client.events.at(-1)).toBe('lost');
    },
  );

  test('the last messages of a client arrive, also those of its last turn', async () => {
    const { server, client } = await bench.pair();
    for (const word of WORDS) client.send(word);
    client.close();
    await bench.until(() => expect(server.texts).toHaveLength(WORDS.length));
    expect(server.texts).toEqual(WORDS);
    expect(client.undelivered).toEqual([]);
  });

  test('large last messages arrive whole', async () => {
    const { server, client } = await bench.pair();
    const large = Buffer.alloc(4_000_000, 7);
    client.send(large);
    client.close();
    await bench.until(() => expect(server.heard).toHaveLength(1));
    expect(server.heard[0]?.frames[0]?.equals(large)).toBe(true);
  });

  test.runIf(namesTheLost)(
    'a server hears whose connection ended, after its last message',
    async () => {
      const { server, client, peer } = await bench.pair();
      const other = await bench.connected(server);
      for (const word of WORDS) client.send(word);
      client.close();
      await bench.until(() => expect(server.lost).toEqual([peer]));
      expect(server.events).toEqual([...WORDS, 'lost']);
      other.send('still here');
      await bench.until(() => expect(server.texts).toContain('still here'));
      expect(server.lost).toEqual([peer]);
    },
  );

  test.runIf(tellsEnds)('a server hears once of each connection that ended', async () => {
    const server = await bench.serve();
    const clients: TestClient[] = [];
    for (let i = 0; i < 10; i++) clients.push(await bench.connected(server));
    for (const client of clients) client.send('hello');
    await bench.until(() => expect(server.heard).toHaveLength(clients.length));
    for (const client of clients) client.close();
    await bench.until(() => expect(server.lost).toHaveLength(clients.length));
    await bench.place.settle();
    expect(server.lost).toHaveLength(clients.length);
  });

  test('messages to a client that has left are reported undelivered', async () => {
    const { server, client, peer } = await bench.pair();
    client.close();
    await bench.until(() => {
      server.send(peer, 'gone');
      expect(server.undelivered.length).toBeGreaterThan(0);
    });
    expect(server.faults).toEqual([]);
  });

  test('a closed client hears nothing more, though its server goes on', async () => {
    const { server, client, peer } = await bench.pair(ECHO);
    client.send('question');
    for (const word of WORDS) server.send(peer, word);
    client.close();
    const { length } = client.events;
    await bench.until(() => expect(server.texts).toContain('question'));
    await bench.place.settle();
    expect(client.events).toHaveLength(length);
    client.close();
    client.send('too late');
    await bench.until(() => expect(client.undelivered).toEqual(['too late']));
    await bench.place.settle();
    expect(server.texts).not.toContain('too late');
  });

  test('a client closed before it is connected hears nothing', async () => {
    const server = await bench.serve();
    const client = bench.connect(server);
    client.close();
    const refused = bench.connect(await bench.place.newEndpoint());
    refused.close();
    await bench.place.settle();
    expect([...client.events, ...refused.events]).toEqual([]);
    await bench.connected(server);
  });

  test('a closed server hears nothing more', async () => {
    const server = await bench.serve();
    const client = await bench.connected(server);
    await bench.introduce(client, server);
    for (const word of WORDS) client.send(word);
    void server.close();
    const { length } = server.events;
    await bench.place.settle();
    expect(server.events).toHaveLength(length);
    expect(server.faults).toEqual([]);
  });

  test('messages to a server that is gone do not reach its successor', async () => {
    const address = await bench.place.newEndpoint();
    const first = await bench.serve({}, [address]);
    const client = await bench.connected(first);
    await bench.introduce(client, first);
    const isFree = bench.freed(first);
    client.send('for the first');
    await isFree;
    client.send('for the first, too');
    const second = await bench.serve({}, [address]);
    const other = await bench.connected(second);
    other.send('for the second');
    await bench.until(() => expect(second.texts).toContain('for the second'));
    await bench.place.settle();
    expect(second.texts).toEqual(['for the second']);
  });

  test('a second connection of the same client is another peer', async () => {
    const { server, client, peer } = await bench.pair();
    client.close();
    const next = await bench.connected(server);
    next.send('me again');
    await bench.until(() => expect(server.texts).toEqual(['me again']));
    expect(server.heard[0]?.peer).not.toBe(peer);
    await bench.until(() => {
      server.send(peer, 'for the first');
      expect(server.undelivered.length).toBeGreaterThan(0);
    });
    await bench.place.settle();
    expect(next.events).toEqual(['ready']);
  });
}
