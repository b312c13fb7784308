import { Controller } from '@nestjs/common';
import { EventPattern, MessagePattern, Payload } from '@nestjs/microservices';
import { type FreelanceClientProxy, FreelanceRecordBuilder } from 'nestjs-freelance';
import { firstValueFrom, from, type Observable } from 'rxjs';
import { beforeEach, describe, expect, test, vi } from 'vitest';
import { eventually } from '../support/eventually.js';
import { connectTo, type Served, serve } from '../support/nest.js';

let yielded = 0;
const heard: unknown[] = [];

beforeEach(() => {
  yielded = 0;
  heard.length = 0;
});

@Controller()
class EchoController {
  @MessagePattern('echo')
  echo(@Payload() value: unknown) {
    return value;
  }

  @MessagePattern('endless')
  async *endless() {
    for (;;) yield Promise.resolve(yielded++);
  }

  @MessagePattern('observable')
  observable() {
    return from([1, 2]);
  }

  @EventPattern('event')
  event(@Payload() value: unknown) {
    heard.push(value);
  }
}

/** Data like this never gets through; all other data does at once. */
const STUCK = 'stuck';

const stuck = <T>(packet: T): T | Promise<T> =>
  JSON.stringify(packet).includes(STUCK) ? new Promise<T>(() => {}) : packet;

const serializer = { serialize: stuck };
const deserializer = { deserialize: stuck as never };

const codeOf = async (call: Observable<unknown>) =>
  firstValueFrom(call).then(
    () => 'done',
    (error: { code: string }) => error.code,
  );

type Method = 'send' | 'emit';

/** Resolves once the call is at the promise that never settles; for a deserializer, once it has been answered. */
async function reached(by: string, calls: number, server: Served): Promise<void> {
  if (by === 'serializer') return;
  await vi.waitUntil(() => server.strategy.stats().accepted === calls, { timeout: 100_000 });
  await vi.waitUntil(() => server.strategy.stats().running === 0, { timeout: 100_000 });
}

describe.each<[by: string, codec: object, methods: Method[]]>([
  ['serializer', { serializer }, ['send', 'emit']],
  // An event's answer has no value to deserialize.
  ['deserializer', { deserializer }, ['send']],
])('a %s of the client that never settles', (by, codec, methods) => {
  describe.each(methods)('%s', (method) => {
    const record = () => new FreelanceRecordBuilder(STUCK);
    const make = (client: FreelanceClientProxy, builder = record()) =>
      client[method](method === 'send' ? 'echo' : 'event', builder.build());

    test('is ended by the deadline of the call, which counts as open until then', async () => {
      await using server = await serve([EchoController]);
      using client = connectTo(server.endpoints, codec);
      await client.connect();
      const call = firstValueFrom(make(client, record().setTimeout(50)));
      expect(client.stats().pending).toBe(1);
      await expect(call).rejects.toMatchObject({
        code: 'ETIMEDOUT',
        mayHaveRun: by === 'serializer' ? 0 : 1,
        message: expect.stringContaining(by) as string,
      });
      expect(client.stats().pending).toBe(0);
      expect(server.strategy.stats().accepted).toBe(by === 'serializer' ? 0 : 1);
      // The client still works.
      expect(await firstValueFrom(client.send('echo', 'fine'))).toBe('fine');
    });

    test("is ended by the call's signal", async () => {
      await using server = await serve([EchoController]);
      using client = connectTo(server.endpoints, codec);
      const controller = new AbortController();
      const code = codeOf(make(client, record().setSignal(controller.signal)));
      await eventually(() => expect(client.stats().pending).toBe(1));
      controller.abort();
      expect(await code).toBe('CANCELLED');
      expect(client.stats().pending).toBe(0);
    });

    test('is ended by close()', async () => {
      await using server = await serve([EchoController]);
      using client = connectTo(server.endpoints, codec);
      await client.connect();
      const code = codeOf(make(client));
      await reached(by, 1, server);
      client.close();
      expect(await code).toBe('CLOSED');
    });

    test('occupies one of maxPending', async () => {
      await using server = await serve([EchoController]);
      using client = connectTo(server.endpoints, { ...codec, maxPending: 2 });
      await client.connect();
      make(client).subscribe({ error() {} });
      make(client).subscribe({ error() {} });
      await reached(by, 2, server);
      expect(client.stats().pending).toBe(2);
      expect(await codeOf(client.send('echo', 'fine'))).toBe('OVERLOADED');
    });
  });

  test('is ended by unsubscribing', async () => {
    await using server = await serve([EchoController]);
    using client = connectTo(server.endpoints, codec);
    const call = client.send('echo', STUCK).subscribe();
    await reached(by, 1, server);
    expect(client.stats().pending).toBe(1);
    call.unsubscribe();
    expect(client.stats().pending).toBe(0);
  });
});

test("a stream whose values the client's deserializer does not finish is paused at the server", async () => {
  await using server = await serve([EchoController]);
  using client = connectTo(server.endpoints, {
    deserializer: { deserialize: () => new Promise<never>(() => {}) },
  });
  const call = client.send('endless', {}).subscribe();
  await eventually(() => expect(yielded).toBeGreaterThan(0));
  // PINGs, and another call, are not held up.
  await firstValueFrom(client.emit('event', 1));
  await eventually(() => expect(heard).toEqual([1]));
  expect(yielded).toBeLessThan(100);
  call.unsubscribe();
  await eventually(() => expect(server.strategy.stats().running).toBe(0));
});

test('a value that settles after the end of its call is not sent', async () => {
  const settle: ((packet: object) => void)[] = [];
  await using server = await serve([EchoController]);
  using client = connectTo(server.endpoints, {
    serializer: {
      serialize: (packet: object) => new Promise((resolve) => settle.push(() => resolve(packet))),
    },
  });
  const record = new FreelanceRecordBuilder(1).setTimeout(10).build();
  expect(await codeOf(client.emit('event', record))).toBe('ETIMEDOUT');
  const sent = client.send('echo', 1).subscribe();
  sent.unsubscribe();
  for (const each of settle) each({});
  const last = firstValueFrom(client.send('echo', 2));
  settle.at(-1)?.({});
  expect(await last).toBe(2);
  expect(server.strategy.stats()).toMatchObject({ accepted: 1, events: 0 });
});

describe.each<[by: string, codec: object]>([
  ['serializer', { serializer }],
  ['deserializer', { deserializer }],
])('a %s of the server that never settles', (_by, codec) => {
  test.each(['leave', 'deadline'] as const)('loses its place soon after the %s', async (end) => {
    await using server = await serve([EchoController], { ...codec, drainTimeout: 50 });
    using client = connectTo(server.endpoints);
    // On a busy machine the deadline would pass before the call is sent.
    await client.connect();
    const builder = new FreelanceRecordBuilder(STUCK);
    if (end === 'deadline') builder.setTimeout(2000);
    const call = client.send('echo', builder.build()).subscribe({ error() {} });
    await eventually(() => expect(server.strategy.stats().running).toBe(1));
    if (end === 'leave') call.unsubscribe();
    await eventually(() =>
      expect(server.strategy.stats()).toMatchObject({ running: 0, lingering: 0 }),
    );
    expect(await firstValueFrom(client.send('echo', 'fine'))).toBe('fine');
  });

  test('delays close() only by drainTimeout', async () => {
    const server = await serve([EchoController], { ...codec, drainTimeout: 50 });
    using client = connectTo(server.endpoints, { maxAttempts: 1 });
    client.send('echo', STUCK).subscribe({ error() {} });
    await eventually(() => expect(server.strategy.stats().running).toBe(1));
    await server[Symbol.asyncDispose]();
    expect(server.strategy.endpoints).toEqual([]);
  });
});

test('a serializer of the server that never settles does not block a stream for ever', async () => {
  const never = { serialize: () => new Promise<never>(() => {}) };
  await using server = await serve([EchoController], { serializer: never, drainTimeout: 0 });
  using client = connectTo(server.endpoints);
  for (const pattern of ['endless', 'observable']) {
    const call = client.send(pattern, {}).subscribe({ error() {} });
    await eventually(() => expect(server.strategy.stats().running).toBe(1));
    call.unsubscribe();
    await eventually(() =>
      expect(server.strategy.stats()).toMatchObject({ running: 0, lingering: 0 }),
    );
  }
});

test('an event whose deserializer never settles keeps its place until its deadline', async () => {
  await using server = await serve([EchoController], { deserializer, drainTimeout: 0 });
  using client = connectTo(server.endpoints);
  await client.connect();
  await firstValueFrom(
    client.emit('event', new FreelanceRecordBuilder(STUCK).setTimeout(2000).build()),
  );
  expect(server.strategy.stats().running).toBe(1);
  await eventually(() => expect(server.strategy.stats().running).toBe(0));
  expect(heard).toEqual([]);
});

test('a promise at a server that never settles is abandoned after ten seconds, if others wait', async () => {
  const codecs = [{ serializer }, { deserializer }];
  const calls = codecs.map(async (codec) => {
    await using server = await serve([EchoController], { ...codec, drainTimeout: 0 });
    using client = connectTo(server.endpoints, { requestTimeout: 600_000 });
    await expect(firstValueFrom(client.send('echo', STUCK))).rejects.toMatchObject({
      message: 'Internal server error',
    });
    await eventually(() => expect(server.strategy.stats().running).toBe(0));
  });
  const event = async () => {
    await using server = await serve([EchoController], { deserializer, drainTimeout: 0 });
    using client = connectTo(server.endpoints);
    await firstValueFrom(client.emit('event', STUCK));
    expect(server.strategy.stats().running).toBe(1);
    await eventually(() => expect(server.strategy.stats().running).toBe(0));
    expect(heard).toEqual([]);
  };
  await Promise.all([...calls, event()]);
});
