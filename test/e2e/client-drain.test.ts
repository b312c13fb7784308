import { Controller } from '@nestjs/common';
import { EventPattern, MessagePattern, Payload } from '@nestjs/microservices';
import type { FreelanceClientProxy, FreelanceError } from 'nestjs-freelance';
import { FreelanceRecordBuilder } from 'nestjs-freelance';
import { firstValueFrom, lastValueFrom, NEVER, toArray } from 'rxjs';
import { beforeEach, describe, expect, test } from 'vitest';
import { eventually } from '../support/eventually.js';
import { connectTo, serve } from '../support/nest.js';

/** Ends the calls of `wait`. */
let finish: (value: unknown) => void;
let finished: Promise<unknown>;

beforeEach(() => {
  finished = new Promise((resolve) => (finish = resolve));
});

@Controller()
class SlowController {
  @MessagePattern('wait')
  wait() {
    return finished;
  }

  @MessagePattern('never')
  never() {
    return NEVER;
  }

  @MessagePattern('echo')
  echo(@Payload() value: unknown) {
    return value;
  }

  @MessagePattern('values')
  async *values() {
    yield 1;
    await finished;
    yield 2;
  }

  @EventPattern('event')
  event(@Payload() _data: unknown) {}
}

const codeOf = (promise: Promise<unknown>) =>
  promise.then(
    (value) => value,
    (error: FreelanceError) => error.code,
  );

const send = (client: FreelanceClientProxy, pattern: string, data: unknown = {}) =>
  codeOf(firstValueFrom(client.send<unknown>(pattern, data)));

/** What has become of a drain by now. */
function watch(drain: Promise<void>) {
  const watched = { isOver: false };
  void drain.then(() => (watched.isOver = true));
  return watched;
}

/** A client with one call under way. */
async function busy(pattern = 'wait', data: unknown = {}) {
  const server = await serve([SlowController]);
  const client = connectTo(server.endpoints);
  const call = send(client, pattern, data);
  await eventually(() => expect(server.strategy.stats().running).toBe(1));
  return {
    server,
    client,
    call,
    async [Symbol.asyncDispose]() {
      client.close();
      finish('disposed');
      await server[Symbol.asyncDispose]();
    },
  };
}

describe('while a client drains', () => {
  test('its open call is answered, new calls, events and connect() fail with CLOSED, and then it is closed', async () => {
    await using world = await busy();
    const { client, call } = world;
    const statuses: string[] = [];
    client.status.subscribe((status) => statuses.push(status));
    const drain = client.close({ drain: true });
    const watched = watch(drain);
    expect(await send(client, 'echo')).toBe('CLOSED');
    expect(await codeOf(lastValueFrom(client.emit('event', {})))).toBe('CLOSED');
    expect(await codeOf(client.connect())).toBe('CLOSED');
    expect(await codeOf(client.iterate('values', {}).next())).toBe('CLOSED');
    expect(watched.isOver).toBe(false);
    expect(client.stats().pending).toBe(1);
    finish('answer');
    expect(await call).toBe('answer');
    await drain;
    expect(client.stats().endpoints).toEqual({});
    expect(statuses).toEqual(['connected', 'disconnected']);
  });

  test('the deadline of an open call still ends it', async () => {
    const record = new FreelanceRecordBuilder({}).setTimeout(2000).build();
    await using world = await busy('never', record);
    await world.client.close({ drain: true });
    expect(await world.call).toBe('ETIMEDOUT');
  });

  test('a stream is read to its end', async () => {
    await using server = await serve([SlowController]);
    using client = connectTo(server.endpoints);
    const values = client.iterate<number>('values', {});
    expect(await values.next()).toEqual({ done: false, value: 1 });
    const drain = client.close({ drain: true });
    const watched = watch(drain);
    await new Promise(setImmediate);
    expect(watched.isOver).toBe(false);
    finish(undefined);
    expect(await values.next()).toEqual({ done: false, value: 2 });
    expect(await values.next()).toEqual({ done: true, value: undefined });
    await drain;
  });

  test('a call whose subscriber leaves is waited for no longer', async () => {
    await using server = await serve([SlowController]);
    using client = connectTo(server.endpoints);
    await client.connect();
    const subscription = client.send('never', {}).subscribe();
    const drain = client.close({ drain: true });
    subscription.unsubscribe();
    await drain;
    expect(client.stats().endpoints).toEqual({});
  });

  test('a second drain joins the first', async () => {
    await using world = await busy();
    const drains = [world.client.close({ drain: true }), world.client.close({ drain: true })];
    finish('answer');
    await Promise.all(drains);
    expect(await world.call).toBe('answer');
  });

  test.each([undefined, 'SIGTERM', { drain: false }])(
    'close(%j) fails its open call with CLOSED at once, and the next call connects again',
    async (options) => {
      await using world = await busy();
      const drain = world.client.close({ drain: true });
      world.client.close(options);
      expect(await send(world.client, 'echo', 'again')).toBe('again');
      await drain;
      expect(await world.call).toBe('CLOSED');
      // The first drain does not close what was opened after it.
      expect(Object.keys(world.client.stats().endpoints)).toHaveLength(1);
    },
  );
});

test('a call after a drain connects again', async () => {
  await using world = await busy();
  finish('answer');
  await world.client.close({ drain: true });
  expect(await send(world.client, 'echo', 'again')).toBe('again');
});

test('a client that has no open call, or was never used, is drained at once', async () => {
  await using server = await serve([SlowController]);
  using client = connectTo(server.endpoints);
  await client.close({ drain: true });
  await client.connect();
  await client.close({ drain: true });
  expect(client.stats().endpoints).toEqual({});
});

test('a call that its serializer, or its deserializer, has is open: it is answered before the client closes', async () => {
  const later = async <T>(value: T): Promise<T> => {
    await new Promise((resolve) => setTimeout(resolve, 50));
    return value;
  };
  await using server = await serve([SlowController]);
  using client = connectTo(server.endpoints, {
    serializer: { serialize: (packet: unknown) => later(packet) },
    deserializer: { deserialize: (packet: unknown) => later(packet) as never },
  });
  const values = codeOf(lastValueFrom(client.send('echo', 'a').pipe(toArray())));
  await client.close({ drain: true });
  expect(await values).toEqual(['a']);
});

test.each([
  [{ drain: 'yes' }, 'FreelanceClientProxy.close: drain must be true or false, but is "yes".'],
  [
    { drian: true },
    'FreelanceClientProxy.close: there is no option "drian". The options are drain.',
  ],
])('close(%j) says what is wrong with it', async (options, message) => {
  await using server = await serve([SlowController]);
  using client = connectTo(server.endpoints);
  const wrong = () => client.close(options as never);
  expect(wrong).toThrow(expect.objectContaining({ code: 'BAD_OPTIONS', message }));
});
