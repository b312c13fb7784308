import { randomBytes } from 'node:crypto';
import { expect, test } from 'vitest';
import { Bench } from './bench.js';
import { type Harness, OPTIONS } from './harness.js';
import { ECHO, type TestClient, textOf } from './peers.js';

const MANY = Array.from({ length: 1000 }, (_, i) => `message ${i}`);

/** Where lengths are written in another way, by this engine or that one. */
const SIZES = [0, 1, 127, 128, 129, 254, 255, 256, 4096, 65_535, 65_536, 1_000_003];

export function messageContract(harness: Harness): void {
  const bench = new Bench(harness);

  test('arrive in order, whatever their sizes', async () => {
    const { server, client } = await bench.pair();
    const sent = MANY.map((text, i) => (i % 100 === 0 ? text.padEnd(300_000, '.') : text));
    for (const text of sent) client.send(text);
    await bench.until(() => expect(server.texts).toHaveLength(sent.length));
    expect(server.texts).toEqual(sent.map((text) => textOf([text])));
    expect(client.undelivered).toEqual([]);
  });

  test('are answered in order', async () => {
    const { client } = await bench.pair(ECHO);
    for (const text of MANY) client.send(text);
    await bench.until(() => expect(client.messages).toHaveLength(MANY.length + 1));
    expect(client.events).toEqual(['ready', 'hello', ...MANY]);
  });

  test('arrive without being asked for', async () => {
    const { server, client, peer } = await bench.pair();
    for (const text of MANY) server.send(peer, text);
    await bench.until(() => expect(client.messages).toHaveLength(MANY.length));
    expect(client.events).toEqual(['ready', ...MANY]);
  });

  test('keep their frames: bytes, text and empty ones', async () => {
    const { client } = await bench.pair(ECHO);
    const sizes = SIZES.map((size) => randomBytes(size));
    client.send(...sizes);
    client.send('', 'text', Buffer.alloc(0), 'grüße 🙂', '');
    client.send('');
    client.send(...Array.from({ length: 500 }, (_, i) => String(i)));
    await bench.until(() => expect(client.messages).toHaveLength(5));
    const [, bytes = [], mixed = [], empty = [], many = []] = client.messages;
    expect(bytes.map((frame, i) => frame.equals(sizes[i] ?? Buffer.from('none')))).toEqual(
      sizes.map(() => true),
    );
    expect(mixed.map(String)).toEqual(['', 'text', '', 'grüße 🙂', '']);
    expect(empty.map(String)).toEqual(['']);
    expect(many.map(String)).toEqual(Array.from({ length: 500 }, (_, i) => String(i)));
    expect([...mixed, ...empty, ...many].every((frame) => Buffer.isBuffer(frame))).toBe(true);
  });

  test('may be as large as maxMessageSize', async () => {
    const { client } = await bench.pair(ECHO);
    const large = randomBytes(OPTIONS.maxMessageSize);
    client.send('before');
    client.send(large);
    client.send('after');
    await bench.until(() => expect(client.messages).toHaveLength(4));
    expect(client.messages.map(([frame]) => frame?.length)).toEqual([5, 6, large.length, 5]);
    expect(client.messages[2]?.[0]?.equals(large)).toBe(true);
  });

  test.runIf(harness.traits.limitsFrames)('larger than that end the connection', async () => {
    const { server, client } = await bench.pair();
    client.send('before');
    client.send(Buffer.alloc(OPTIONS.maxMessageSize + 1));
    client.send('after');
    await bench.until(() => expect(client.isLost).toBe(true));
    expect(server.texts).toEqual(['before']);
  });

  test('do not keep the array of frames of their sender', async () => {
    const { server, client } = await bench.pair();
    const frames = ['one', 'two'];
    client.sendFrames(frames);
    frames.splice(0, 2, 'three');
    client.sendFrames(frames);
    await bench.until(() => expect(server.texts).toEqual(['one|two', 'three']));
  });

  test('of several clients are told apart, and each answer reaches its client', async () => {
    const server = await bench.serve(ECHO);
    const clients: TestClient[] = [];
    for (let i = 0; i < 20; i++) clients.push(bench.connect(server));
    await bench.until(() => expect(clients.every(({ isReady }) => isReady)).toBe(true));
    const asked = clients.map((_, i) => Array.from({ length: 50 }, (__, n) => `${i}:${n}`));
    for (let n = 0; n < 50; n++) clients.forEach((client, i) => client.send(`${i}:${n}`));
    await bench.until(() =>
      expect(clients.map(({ messages }) => messages.length)).toEqual(clients.map(() => 50)),
    );
    expect(clients.map(({ events }) => events.slice(1))).toEqual(asked);
    const peers = new Map(server.heard.map(({ peer, text }) => [text, peer]));
    for (const texts of asked) expect(new Set(texts.map((text) => peers.get(text))).size).toBe(1);
    expect(new Set(peers.values()).size).toBe(clients.length);
  });

  test('are delivered or reported undelivered, also before the handshake', async () => {
    const server = await bench.serve();
    const client = bench.connect(server);
    client.send('early');
    expect(client.undelivered).toEqual([]);
    await bench.until(() => expect(client.isReady).toBe(true));
    client.send('late');
    await bench.until(() => expect(server.texts).toContain('late'));
    expect([...client.undelivered, ...server.texts]).toEqual(['early', 'late']);
  });

  const { flood } = harness.traits;
  test.runIf(flood)(
    'beyond the queue are reported undelivered; the others arrive in order',
    async () => {
      const { messages, bytes } = flood ?? { messages: 0, bytes: 0 };
      const heard: number[] = [];
      const { server, client, peer } = await bench.pair(
        {},
        { keepsFrames: false, whenHeard: (text) => heard.push(Number.parseInt(text, 10)) },
      );
      const body = Buffer.alloc(bytes);
      for (let i = 0; i < messages; i++) server.send(peer, String(i), body);
      await bench.until(() => expect(heard.length + server.undelivered.length).toBe(messages));
      const lost = server.undelivered.map((text) => Number.parseInt(text, 10));
      expect(lost.length).toBeGreaterThan(0);
      expect(heard.length).toBeGreaterThan(0);
      expect(heard).toEqual(heard.toSorted((a, b) => a - b));
      expect([...heard, ...lost].toSorted((a, b) => a - b)).toEqual(
        Array.from({ length: messages }, (_, i) => i),
      );
      // There is room again.
      await bench.until(() => {
        server.send(peer, 'more');
        expect(client.events.at(-1)).toBe('more');
      });
    },
  );
}
