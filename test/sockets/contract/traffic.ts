import { expect, test } from 'vitest';
import { Bench } from './bench.js';
import type { Harness } from './harness.js';
import { ECHO } from './peers.js';

const LARGE = Buffer.alloc(100_000);

/** An engine may count its own framing, its greeting and its heartbeats as well: at most so much, in bytes. */
const MOST_OVERHEAD = 10_000;

function expectAbout(bytes: number, payload: number): void {
  expect(bytes).toBeGreaterThanOrEqual(payload);
  expect(bytes).toBeLessThan(payload + MOST_OVERHEAD);
}

export function trafficContract(harness: Harness): void {
  const bench = new Bench(harness);

  test('is counted on both sides, in both directions', async () => {
    const { server, client } = await bench.pair(ECHO);
    const before = [client.traffic, server.socket.traffic()] as const;
    client.send('grüße', LARGE);
    await bench.until(() => expect(client.messages).toHaveLength(2));
    const payload = Buffer.byteLength('grüße') + LARGE.length;
    const after = [client.traffic, server.socket.traffic()] as const;
    for (const [side, { sent, received }] of after.entries()) {
      expectAbout(sent - (before[side]?.sent ?? 0), payload);
      expectAbout(received - (before[side]?.received ?? 0), payload);
    }
  });

  test('of several clients adds up at the server', async () => {
    const server = await bench.serve(ECHO);
    const clients = [await bench.connected(server), await bench.connected(server)];
    for (const client of clients) client.send(LARGE);
    await bench.until(() => {
      for (const { messages } of clients) expect(messages).toHaveLength(1);
    });
    expectAbout(server.socket.traffic().received, 2 * LARGE.length);
    expectAbout(server.socket.traffic().sent, 2 * LARGE.length);
  });

  test('of a connection that has ended still counts, on both sides', async () => {
    const { server, client } = await bench.pair(ECHO);
    client.send(LARGE);
    await bench.until(() => expect(client.messages).toHaveLength(2));
    client.close();
    await bench.untilLostBy(server, 1);
    expectAbout(client.traffic.sent, LARGE.length);
    expectAbout(client.traffic.received, LARGE.length);
    expectAbout(server.socket.traffic().sent, LARGE.length);
    expectAbout(server.socket.traffic().received, LARGE.length);
    await bench.freed(server);
    expectAbout(server.socket.traffic().sent, LARGE.length);
    expectAbout(server.socket.traffic().received, LARGE.length);
  });

  test('with nobody is none', async () => {
    const client = bench.connect(await bench.place.newEndpoint());
    client.send(LARGE);
    expect(client.traffic.received).toBe(0);
    await bench.untilLost(client);
    expect(client.traffic.received).toBe(0);
  });
}
