import { Logger } from '@nestjs/common';
import { RpcException } from '@nestjs/microservices';
import {
  catchError,
  concat,
  defer,
  EMPTY,
  firstValueFrom,
  lastValueFrom,
  NEVER,
  of,
  range,
  Subject,
  throwError,
  toArray,
} from 'rxjs';
import { afterEach, describe, expect, test, vi } from 'vitest';
import * as z from 'zod';
import { contract } from '../../lib/contract/contract.js';
import { event, rpc, stream } from '../../lib/contract/entries.js';
import {
  FreelanceClientProxy,
  type FreelanceContext,
  FreelanceRecordBuilder,
} from '../../lib/index.js';
import type { StubAnswers } from '../../lib/testing/stub-answer.js';
import { stubServer } from '../../lib/testing/stub-server.js';
import { KeepingLogger } from '../support/keeping-logger.js';

interface PlaceOrder {
  readonly item: string;
}
interface Receipt {
  readonly id: number;
}
const orders = contract('orders', {
  place: rpc<PlaceOrder, Receipt>({ atMostOnce: true }),
  cancel: rpc<number, boolean>({ pattern: { cmd: 'cancel', of: 'orders' } }),
  list: stream<string, Receipt>(),
  shipped: event<number>(),
});

const opened: { close(): unknown }[] = [];

afterEach(async () => {
  vi.useRealTimers();
  for (const one of opened.splice(0)) await one.close();
});

function closing<One extends { close(): unknown }>(one: One): One {
  opened.push(one);
  return one;
}

const stubbed = async (answers: StubAnswers) => closing(await stubServer(answers));

const connectedTo = (...stubs: { readonly endpoints: readonly string[] }[]) =>
  closing(new FreelanceClientProxy({ endpoints: stubs.flatMap(({ endpoints }) => endpoints) }));

const call = (client: FreelanceClientProxy, pattern: string | object, data: unknown = {}) =>
  lastValueFrom(client.send(pattern, data), { defaultValue: 'nothing' });

const failureOf = (client: FreelanceClientProxy, pattern: string | object) =>
  call(client, pattern).then(
    () => expect.unreachable('the call should have failed'),
    (error: unknown) => error,
  );

describe('an answer', () => {
  test('is given the data and the context, and may be anything that a handler returns', async () => {
    const stub = await stubbed({
      value: (data: number) => data + 1,
      promise: (data: number) => Promise.resolve(data + 2),
      values: () => of(1, 2, 3),
      none: () => EMPTY,
      nothing: () => {},
      async *iterable(data: number) {
        yield data;
        yield await Promise.resolve(data + 1);
      },
      context: (_data, context) => context.getMetadata(),
    });
    const client = connectedTo(stub);
    expect(await call(client, 'value', 1)).toBe(2);
    expect(await call(client, 'promise', 1)).toBe(3);
    expect(await firstValueFrom(client.send('values', '').pipe(toArray()))).toEqual([1, 2, 3]);
    expect(await call(client, 'none')).toBe('nothing');
    expect(await call(client, 'nothing')).toBeUndefined();
    expect(await firstValueFrom(client.send('iterable', 7).pipe(toArray()))).toEqual([7, 8]);
    const record = new FreelanceRecordBuilder('').setMetadata({ tenant: 'acme' }).build();
    expect(await call(client, 'context', record)).toEqual({ tenant: 'acme' });
  });

  test('is found by an object whose members are in another order', async () => {
    const stub = await stubbed({ '{ "of": "orders", "cmd": "cancel" }': () => 'cancelled' });
    const client = connectedTo(stub);
    expect(await call(client, { cmd: 'cancel', of: 'orders' })).toBe('cancelled');
    expect(stub.calls).toMatchObject([{ pattern: '{"cmd":"cancel","of":"orders"}' }]);
  });

  test('can change, and be given later', async () => {
    const stub = await stubbed({ stock: () => 1 });
    const client = connectedTo(stub);
    expect(await call(client, 'stock')).toBe(1);
    stub.answer('stock', () => 0);
    stub.answer('price', () => 5);
    expect([await call(client, 'stock'), await call(client, 'price')]).toEqual([0, 5]);
  });

  test('is told that its caller has left', async () => {
    const left = new Subject<void>();
    const stub = await stubbed({
      slow: (_data, { signal }: FreelanceContext) => {
        signal.addEventListener('abort', () => left.next());
        return NEVER;
      },
    });
    const heard = firstValueFrom(left);
    const subscription = connectedTo(stub).send('slow', '').subscribe();
    await vi.waitFor(() => expect(stub.calls).toHaveLength(1), { timeout: 60_000 });
    subscription.unsubscribe();
    await heard;
  });

  test('that is an iterator learns at once that its caller has left, while a value is awaited', async () => {
    const left = new Subject<string>();
    const stub = await stubbed({
      values: () => ({
        [Symbol.asyncIterator]: () => ({
          next: () => new Promise(() => {}),
          return: () => {
            left.next('return');
            return Promise.resolve({ done: true, value: undefined });
          },
        }),
      }),
    });
    const heard = firstValueFrom(left);
    const subscription = connectedTo(stub).send('values', '').subscribe();
    await vi.waitFor(() => expect(stub.calls).toHaveLength(1), { timeout: 60_000 });
    subscription.unsubscribe();
    expect(await heard).toBe('return');
  });
});

describe('what an answer throws', () => {
  const told = { status: 'error', message: 'sold out' };

  test.each<[string, () => unknown]>([
    ['an error', () => raise(new Error('sold out'))],
    ['an exception of Nest', () => raise(new RpcException('sold out'))],
    ['an exception of Nest with an object', () => raise(new RpcException(told))],
    ['a text', () => raise('sold out')],
    ['an object', () => raise(told)],
    ['a rejected promise', () => Promise.reject(new Error('sold out'))],
    ['an Observable', () => throwError(() => new Error('sold out'))],
    ['an Observable with an exception of Nest', () => throwError(() => new RpcException(told))],
    [
      'an async iterable',
      async function* fails() {
        yield await Promise.reject(new Error('sold out'));
      },
    ],
    [
      'an async iterable with an exception of Nest',
      async function* fails() {
        yield await Promise.reject(new RpcException('sold out'));
      },
    ],
    [
      'an async iterable that cannot begin',
      () => ({ [Symbol.asyncIterator]: () => raise(new Error('sold out')) }),
    ],
  ])('arrives at the caller: %s', async (_what, answer) => {
    const client = connectedTo(await stubbed({ place: answer }));
    expect(await failureOf(client, 'place')).toEqual(told);
  });

  test('arrives after the values before it', async () => {
    const stub = await stubbed({
      observable: () =>
        concat(
          of(1, 2),
          throwError(() => new Error('broken')),
        ),
      async *iterable() {
        yield 1;
        yield 2;
        throw new Error('broken');
      },
    });
    const client = connectedTo(stub);
    for (const pattern of ['observable', 'iterable']) {
      const values: unknown[] = [];
      const ended = new Promise((resolve) => {
        client.send<unknown>(pattern, '').subscribe({
          next: (value) => values.push(value),
          error: resolve,
        });
      });
      expect(await ended).toEqual({ status: 'error', message: 'broken' });
      expect(values).toEqual([1, 2]);
    }
  });
});

describe('a call without an answer', () => {
  test('fails with an error that names its pattern and what is stubbed, and is recorded', async () => {
    const stub = await stubbed({ 'orders.place': () => 1, 'orders.cancel': () => 2 });
    const client = connectedTo(stub);
    expect(await failureOf(client, 'orders.lst')).toEqual({
      status: 'error',
      message:
        'The stub has no answer for orders.lst: it answers orders.place, orders.cancel. Give it one, in stubServer(…) ' +
        'or later by stub.answer(…).',
    });
    expect(stub.calls).toMatchObject([{ pattern: 'orders.lst' }]);
    expect(await failureOf(client, { cmd: 'sum' })).toMatchObject({
      message: expect.stringContaining('no answer for {"cmd":"sum"}'),
    });
  });

  test('is told so by a stub that answers nothing, and by one that answers much, in few words', async () => {
    const nothing = connectedTo(await stubbed({}));
    expect(await failureOf(nothing, 'x')).toMatchObject({
      message: expect.stringContaining('it answers nothing'),
    });
    const many = Object.fromEntries(
      Array.from({ length: 500 }, (_, n) => [`pattern-${n}`, () => n]),
    );
    const much = connectedTo(await stubbed(many));
    expect(await failureOf(much, 'x')).toMatchObject({
      message: expect.stringContaining('pattern-19, and 480 more'),
    });
  });

  test('of the readiness check does not make the stub unready', async () => {
    const stub = await stubbed({ ping: () => 'pong' });
    const client = connectedTo(stub);
    expect(await call(client, 'ping')).toBe('pong');
    expect(Object.values(client.stats().endpoints)).toMatchObject([{ state: 'alive' }]);
    expect(await failureOf(client, 'PING')).toContain('no matching message handler');
    expect(stub.calls).toHaveLength(1);
  });
});

describe('the record', () => {
  test('has calls and events in order, and what came with them', async () => {
    const stub = await stubbed({ place: () => 1, shipped: () => 'ignored' });
    const client = connectedTo(stub);
    const order = { item: 'tea', count: 2 };
    await call(client, 'place', new FreelanceRecordBuilder(order).setMetadata({ a: 'b' }).build());
    await firstValueFrom(client.emit('shipped', 7), { defaultValue: undefined });
    const calls = [
      { kind: 'call', pattern: 'place', data: order, metadata: { a: 'b' }, attempt: 1 },
      { kind: 'event', pattern: 'shipped', data: 7, metadata: {}, attempt: 1 },
    ];
    const { calls: kept } = stub;
    expect(kept).toEqual(calls);
    await call(client, 'place', 'more');
    expect(stub.calls).toHaveLength(3);
    stub.reset();
    expect(stub.calls).toEqual([]);
    await call(client, 'place', 'again');
    expect(stub.calls).toMatchObject([{ data: 'again' }]);
    expect(kept).toEqual(calls);
  });

  test('has each attempt, with its number', async () => {
    const slow = await stubbed({ place: () => NEVER });
    const quick = await stubbed({ place: () => 'placed' });
    const client = connectedTo(slow);
    const placed = call(client, 'place');
    await vi.waitFor(() => expect(slow.calls).toHaveLength(1), { timeout: 60_000 });
    for (const endpoint of quick.endpoints) client.addEndpoint(endpoint);
    await slow.close();
    expect(await placed).toBe('placed');
    expect(slow.calls).toMatchObject([{ attempt: 1 }]);
    expect(quick.calls).toMatchObject([{ attempt: 2 }]);
  });

  test('keeps data as it came, whatever its answer changes', async () => {
    const stub = await stubbed({
      place: (order: { items: string[] }, context: FreelanceContext) => {
        order.items.push('changed');
        Object.assign(context.getMetadata(), { a: 'changed' });
        return order.items.length;
      },
      bytes: (data: Buffer) => data.fill(0),
    });
    const client = connectedTo(stub);
    const order = new FreelanceRecordBuilder({ items: ['tea'] }).setMetadata({ a: 'b' }).build();
    expect(await call(client, 'place', order)).toBe(2);
    await call(client, 'bytes', Buffer.from([1, 2]));
    expect(stub.calls).toMatchObject([
      { data: { items: ['tea'] }, metadata: { a: 'b' } },
      { data: Buffer.from([1, 2]) },
    ]);
  });

  test('has bytes as they came', async () => {
    const stub = await stubbed({ bytes: (data: Buffer) => data.length });
    expect(await call(connectedTo(stub), 'bytes', Buffer.from([1, 2, 255]))).toBe(3);
    expect(stub.calls).toMatchObject([{ data: Buffer.from([1, 2, 255]) }]);
  });
});

describe('an event', () => {
  test('runs its answer, and subscribes to an Observable that it returns', async () => {
    let runs = 0;
    const stub = await stubbed({
      promise: () => Promise.resolve(runs++),
      observable: () => defer(() => of(runs++)),
    });
    const client = connectedTo(stub);
    for (const pattern of ['promise', 'observable']) {
      await lastValueFrom(client.emit(pattern, ''), { defaultValue: undefined });
    }
    expect(runs).toBe(2);
  });

  test('without an answer, or whose answer throws, is recorded and logged: its sender hears nothing', async () => {
    const logger = new KeepingLogger();
    Logger.overrideLogger(logger);
    const stub = await stubbed({
      shipped: () => raise(new Error('broken')),
      observed: () => throwError(() => new Error('broken later')),
    });
    const client = connectedTo(stub);
    const sent = ['shipped', 'observed', 'unknown'];
    for (const pattern of sent) {
      await lastValueFrom(client.emit(pattern, ''), { defaultValue: undefined });
    }
    Logger.overrideLogger(['error', 'fatal']);
    expect(stub.calls.map(({ pattern }) => pattern)).toEqual(sent);
    expect(logger.of('StubServer')).toEqual([
      'error [StubServer] broken',
      'error [StubServer] broken later',
      expect.stringContaining('error [StubServer] The stub has no answer for unknown'),
    ]);
  });
});

describe('a stub of a contract', () => {
  test('answers by entry, at the patterns of the contract', async () => {
    const stub = closing(
      await stubServer(orders, {
        place: ({ item }) => ({ id: item.length }),
        cancel: async (id) => id === 3,
        async *list(query) {
          yield { id: query.length };
        },
        shipped: () => {},
      }),
    );
    const client = connectedTo(stub);
    expect(await call(client, 'orders.place', { item: 'tea' })).toEqual({ id: 3 });
    expect(await call(client, { of: 'orders', cmd: 'cancel' }, 3)).toBe(true);
    expect(await call(client, 'orders.list', 'four')).toEqual({ id: 4 });
    await lastValueFrom(client.emit('orders.shipped', 5), { defaultValue: undefined });
    expect(stub.calls.map(({ kind, pattern }) => [kind, pattern])).toEqual([
      ['call', 'orders.place'],
      ['call', '{"cmd":"cancel","of":"orders"}'],
      ['call', 'orders.list'],
      ['event', 'orders.shipped'],
    ]);
    stub.answer('place', () => ({ id: 9 }));
    expect(await call(client, 'orders.place', { item: 'tea' })).toEqual({ id: 9 });
  });

  test('may leave out entries, or all of them', async () => {
    const stub = closing(await stubServer(orders, { list: undefined }));
    const client = connectedTo(stub, closing(await stubServer(orders)));
    expect(await failureOf(client, orders.patterns.list)).toMatchObject({
      message: expect.stringContaining('no answer for orders.list'),
    });
  });

  test('is at most once where the contract says so, and shows what the contract has', async () => {
    const stub = closing(await stubServer(orders));
    const { patterns } = (await call(connectedTo(stub), '$freelance.info')) as {
      patterns: { pattern: string; kind: string; atMostOnce?: boolean }[];
    };
    expect(patterns.toSorted((a, b) => a.pattern.localeCompare(b.pattern))).toMatchObject([
      { pattern: '{"cmd":"cancel","of":"orders"}', kind: 'call' },
      { pattern: 'orders.list', kind: 'call' },
      { pattern: 'orders.place', kind: 'call', atMostOnce: true },
      { pattern: 'orders.shipped', kind: 'event' },
    ]);
  });
});

describe('a stub of a contract with schemas', () => {
  const shop = contract('shop', {
    buy: rpc({
      payload: z.object({ count: z.string().transform(Number) }),
      result: z.number().max(9),
    }),
    each: stream({ payload: z.number(), result: z.number().max(2) }),
    sold: event({ payload: z.number() }),
  });

  test('gives an answer what the schema yields, and records what came', async () => {
    const stub = closing(await stubServer(shop, { buy: ({ count }) => count + 1 }));
    expect(await call(connectedTo(stub), 'shop.buy', { count: '7' })).toBe(8);
    expect(stub.calls).toMatchObject([{ data: { count: '7' } }]);
  });

  test('refuses the payload and the result that the service would refuse', async () => {
    const logger = new KeepingLogger();
    Logger.overrideLogger(logger);
    const sold: number[] = [];
    const stub = closing(
      await stubServer(shop, { buy: ({ count }) => count, sold: (id) => sold.push(id) }),
    );
    const client = connectedTo(stub);
    expect(await failureOf(client, 'shop.buy')).toMatchObject({
      code: 'INVALID_PAYLOAD',
      message: expect.stringContaining('shop.buy: the payload is invalid: count: '),
    });
    await expect(call(client, 'shop.buy', { count: '10' })).rejects.toMatchObject({
      code: 'INVALID_RESULT',
    });
    stub.answer('buy', () => of(11));
    await expect(call(client, 'shop.buy', { count: '1' })).rejects.toMatchObject({
      code: 'INVALID_RESULT',
    });
    await lastValueFrom(client.emit('shop.sold', 'one'), { defaultValue: undefined });
    Logger.overrideLogger(['error', 'fatal']);
    expect(sold).toEqual([]);
    expect(logger.of('StubServer')).toEqual([
      expect.stringContaining('shop.buy: the result is invalid'),
      expect.stringContaining('shop.buy: the result is invalid'),
      expect.stringContaining('shop.sold: the payload is invalid'),
    ]);
  });

  test.each([
    ['an Observable', (end: number) => range(1, end)],
    [
      'an async iterable',
      async function* values(end: number) {
        for (let n = 1; n <= end; n++) yield Promise.resolve(n);
      },
    ],
  ])('checks each value of %s', async (_what, each) => {
    const stub = closing(await stubServer(shop, { each }));
    const client = connectedTo(stub);
    expect(await firstValueFrom(client.send('shop.each', 2).pipe(toArray()))).toEqual([1, 2]);
    const told: unknown[] = [];
    const values = client.send<unknown>('shop.each', 3).pipe(catchError((error) => of(error)));
    await values.forEach((value) => told.push(value));
    expect(told).toEqual([1, 2, expect.objectContaining({ code: 'INVALID_RESULT' })]);
  });
});

describe('bad input', () => {
  const badly = (...given: unknown[]) =>
    (stubServer as (...args: unknown[]) => Promise<unknown>)(...given).then(
      () => expect.unreachable('stubServer should have failed'),
      (error: unknown) => error,
    );

  test.each<[string, unknown[]]>([
    ['stubServer takes an object with a function for each pattern, but got undefined.', []],
    ['stubServer takes an object with a function for each pattern, but got "orders".', ['orders']],
    ['but got an object of the class Map.', [new Map()]],
    [
      'stubServer: the answer of sum must be a function, but is 6. Wrap a value: () => value.',
      [{ sum: 6 }],
    ],
    ['the answer of sum must be a function, but is undefined', [{ sum: undefined }]],
    ['the pattern $freelance.info is reserved', [{ '$freelance.info': () => 1 }]],
    ['the pattern PING is reserved', [{ PING: () => 1 }]],
    ['{"a":1} has two answers', [{ '{"a":1}': () => 1, '{ "a": 1 }': () => 2 }]],
    ['the first of two arguments must be a contract, but is an object', [{}, {}]],
    [
      'stubServer of the contract orders takes an object with a function for each entry',
      [orders, () => 1],
    ],
    [
      'stubServer of the contract orders: there is no entry "plaec". The entries are place, cancel, list, shipped.',
      [orders, { plaec: () => 1 }],
    ],
    ['there is no entry "toString"', [orders, { toString: () => 1 }]],
    ['the answer of place must be a function, but is 7', [orders, { place: 7 }]],
  ])('%s', async (message, given) => {
    expect(await badly(...given)).toMatchObject({
      code: 'BAD_OPTIONS',
      message: expect.stringContaining(message),
    });
  });

  test('of a later answer changes nothing', async () => {
    const stub = await stubbed({ stock: () => 1 });
    expect(() => stub.answer('stock', 2 as never)).toThrow('must be a function, but is 2');
    expect(() => stub.answer('$freelance.x', () => 1)).toThrow('reserved');
    expect(await call(connectedTo(stub), 'stock')).toBe(1);
    const typed = closing(await stubServer(orders));
    expect(() => typed.answer('plaec' as 'place', () => ({ id: 1 }))).toThrow('no entry "plaec"');
  });

  test('an answer that calls the stub, closes it or never answers harms only its own call', async () => {
    const stub = await stubbed({
      again: () => call(connectedTo(stub), 'stock'),
      stock: () => 1,
      never: () => new Promise(() => {}),
    });
    const client = connectedTo(stub);
    void failureOf(client, 'never');
    expect(await call(client, 'again')).toBe(1);
    await stub.close();
  });
});

describe('stubs', () => {
  test('live side by side, each with its own record', async () => {
    const stubs = await Promise.all([1, 2, 3].map((id) => stubbed({ id: () => id })));
    expect(new Set(stubs.flatMap(({ endpoints }) => endpoints)).size).toBe(3);
    const answers = stubs.map((stub) => call(connectedTo(stub), 'id'));
    expect(await Promise.all(answers)).toEqual([1, 2, 3]);
    for (const { calls } of stubs) expect(calls).toHaveLength(1);
  });

  test('close at once, whatever they still answer, and as often as one likes', async () => {
    const stub = await stubServer({ never: () => NEVER });
    const client = closing(new FreelanceClientProxy({ endpoints: stub.endpoints, maxAttempts: 1 }));
    const failed = failureOf(client, 'never');
    await vi.waitFor(() => expect(stub.calls).toHaveLength(1), { timeout: 60_000 });
    const before = performance.now();
    await Promise.all([stub.close(), stub.close()]);
    await stub.close();
    expect(performance.now() - before).toBeLessThan(8000);
    expect(await failed).toMatchObject({ code: 'ECONNRESET' });
    expect(stub.calls).toHaveLength(1);
    expect(stub.endpoints).toHaveLength(1);
  });

  test('are made, called and closed under fake timers', async () => {
    vi.useFakeTimers();
    const stub = await stubServer({ echo: (data) => data });
    const client = closing(new FreelanceClientProxy({ endpoints: stub.endpoints }));
    expect(await call(client, 'echo', 'fake')).toBe('fake');
    await stub.close();
  });
});

function raise(thrown: unknown): never {
  throw thrown;
}
