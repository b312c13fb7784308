import { inspect } from 'node:util';
import { Controller, Inject, Module } from '@nestjs/common';
import { NestFactory } from '@nestjs/core';
import {
  ClientTCP,
  Ctx,
  EventPattern,
  MessagePattern,
  Payload,
  RpcException,
  Transport,
} from '@nestjs/microservices';
import { firstValueFrom, identity, Observable, throwError, toArray } from 'rxjs';
import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest';
import { contract } from '../../lib/contract/contract.js';
import { contractClient } from '../../lib/contract/contract-client.js';
import { event, rpc, stream, unchecked } from '../../lib/contract/entries.js';
import {
  type FreelanceCallOptions,
  FreelanceContext,
  FreelanceRecordBuilder,
} from '../../lib/index.js';
import { eventually } from '../support/eventually.js';
import { FakeProxy } from '../support/fake-proxy.js';
import { connectTo, serve, type Served } from '../support/nest.js';

interface Order {
  readonly item: string;
}

const orders = contract('orders', {
  place: rpc<Order, string>(),
  old: rpc<Order, string>({ pattern: { cmd: 'old' } }),
  ping: rpc<void, object>(),
  describe: rpc<string, { metadata: string | undefined; hasDeadline: boolean }>(),
  wait: rpc<string, never>(),
  fail: rpc<string>(),
  nothing: rpc<string>(),
  list: stream<number, number>(),
  cancelled: event<string>(),
});

/** What the handlers of a server have done. */
class Ledger {
  placed = 0;
  read = 0;
  readonly left: number[] = [];
  readonly waiting: string[] = [];
  readonly aborted: string[] = [];
  readonly cancellations: string[] = [];
}

@Controller()
class OrdersController {
  constructor(@Inject(Ledger) private readonly ledger: Ledger) {}

  @MessagePattern('orders.place')
  place({ item }: Order) {
    this.ledger.placed++;
    return `${item} #${this.ledger.placed}`;
  }

  @MessagePattern({ cmd: 'old' })
  old({ item }: Order) {
    return `old ${item}`;
  }

  @MessagePattern('orders.ping')
  ping(data: object) {
    return data;
  }

  @MessagePattern('orders.describe')
  describe(@Payload() key: string, @Ctx() context: FreelanceContext) {
    return {
      metadata: context.getMetadata()[key],
      hasDeadline: context.getDeadline() !== undefined,
    };
  }

  @MessagePattern('orders.wait')
  wait(@Payload() name: string, @Ctx() { signal }: FreelanceContext) {
    this.ledger.waiting.push(name);
    signal.addEventListener('abort', () => this.ledger.aborted.push(name));
    return new Observable(() => {});
  }

  @MessagePattern('orders.fail')
  fail(why: string) {
    throw new RpcException({ code: 'NO', why });
  }

  @MessagePattern('orders.nothing')
  nothing() {}

  @MessagePattern('orders.list')
  async *list(count: number) {
    try {
      for (let id = 0; id < count; id++) {
        this.ledger.read = id;
        yield id;
      }
    } finally {
      this.ledger.left.push(count);
    }
  }

  @EventPattern('orders.cancelled')
  cancelled(id: string) {
    this.ledger.cancellations.push(id);
  }
}

const ledger = new Ledger();
let server: Served;
let client: ReturnType<typeof connectTo>;

beforeAll(async () => {
  const providers = [{ provide: Ledger, useValue: ledger }];
  server = await serve([OrdersController], { bind: 'inproc://contract-client' }, providers);
  client = connectTo(server.endpoints);
});

afterAll(async () => {
  client.close();
  await server[Symbol.asyncDispose]();
});

const open = () => contractClient(orders, client);

describe('over the wire', () => {
  test('a call awaited twice charges once', async () => {
    const before = ledger.placed;
    const call = open().place({ item: 'tea' });
    expect(await call).toBe(await call);
    expect(ledger.placed).toBe(before + 1);
  });

  test('a plain send reaches the same handler', async () => {
    expect(await firstValueFrom(client.send(orders.patterns.place, { item: 'tea' }))).toMatch(
      /^tea #/,
    );
  });

  test('an entry keeps its own pattern', async () => {
    expect(await open().old({ item: 'tea' })).toBe('old tea');
  });

  test('where nothing is passed, the handler gets an empty object', async () => {
    expect(await open().ping()).toEqual({});
    expect(await open().ping(undefined, { timeout: 60_000 })).toEqual({});
  });

  test('a handler that returns nothing resolves with undefined', async () => {
    expect(await open().nothing('x')).toBeUndefined();
  });

  test('the options are those of a record', async () => {
    const described = await open().describe('tenant', {
      timeout: 60_000,
      metadata: { tenant: 'acme' },
    });
    expect(described).toEqual({ metadata: 'acme', hasDeadline: true });
    expect(await open().describe('tenant')).toEqual({ hasDeadline: false });
  });

  test('the options count as they were when the call was made, as they were checked then', async () => {
    const options: FreelanceCallOptions = { metadata: { tenant: 'acme' } };
    const call = open().describe('tenant', options);
    Object.assign(options, { metadata: { tenant: 'other' } });
    expect(await call).toMatchObject({ metadata: 'acme' });
  });

  test('a deadline ends the call', async () => {
    await expect(open().wait('late', { timeout: 50 })).rejects.toMatchObject({ code: 'ETIMEDOUT' });
  });

  test('a signal ends the call that is awaited, and aborts its handler', async () => {
    const leaver = new AbortController();
    const failure = open().wait('aborted', { signal: leaver.signal }).catch(identity);
    await eventually(() => expect(ledger.waiting).toContain('aborted'));
    leaver.abort();
    expect(await failure).toMatchObject({ code: 'CANCELLED' });
    await eventually(() => expect(ledger.aborted).toContain('aborted'));
  });

  test('a signal that is aborted already ends the call before it is sent', async () => {
    const call = open().place({ item: 'tea' }, { signal: AbortSignal.abort() });
    await expect(call).rejects.toMatchObject({ code: 'CANCELLED', mayHaveRun: 0 });
  });

  test('unsubscribing cancels the call', async () => {
    const subscription = open().wait('left').subscribe();
    await eventually(() => expect(ledger.waiting).toContain('left'));
    subscription.unsubscribe();
    await eventually(() => expect(ledger.aborted).toContain('left'));
  });

  test('what a handler throws arrives as with send', async () => {
    await expect(open().fail('no tea')).rejects.toEqual({ code: 'NO', why: 'no tea' });
  });

  test('an event resolves once a server has accepted it', async () => {
    expect(await open().cancelled('order-1')).toBeUndefined();
    await eventually(() => expect(ledger.cancellations).toContain('order-1'));
  });

  test('a broadcast event resolves with the report', async () => {
    expect(await open().cancelled('order-2', { broadcast: true })).toEqual({
      accepted: server.endpoints,
      failed: [],
    });
  });

  test('a stream is read by for await, each time by a call of its own', async () => {
    const list = open().list(3);
    const read: number[] = [];
    for await (const id of list) read.push(id);
    for await (const id of list) read.push(id);
    expect(read).toEqual([0, 1, 2, 0, 1, 2]);
    expect(await firstValueFrom(list.pipe(toArray()))).toEqual([0, 1, 2]);
  });

  test('the server runs ahead of a for await by a window, and stops when the loop is left', async () => {
    for await (const id of open().list(1_000_000)) {
      if (id === 1) break;
      // Without backpressure the server would get far meanwhile.
      for (let call = 0; call < 200; call++) await open().ping();
      expect(ledger.read).toBeLessThan(1024);
    }
    await eventually(() => expect(ledger.left).toContain(1_000_000));
  });

  test('a stream takes options', async () => {
    const read: number[] = [];
    for await (const id of open().list(2, { timeout: 60_000 })) read.push(id);
    expect(read).toEqual([0, 1]);
  });
});

describe('another transport of Nest', () => {
  test('is called with plain data, and its streams are iterated', async () => {
    const own = new Ledger();
    @Module({
      controllers: [OrdersController],
      providers: [{ provide: Ledger, useValue: own }],
    })
    class OrdersModule {}

    const app = await NestFactory.createMicroservice(OrdersModule, {
      transport: Transport.TCP,
      options: { host: '127.0.0.1', port: 0 },
      logger: false,
    });
    await app.listen();
    const { port } = app.unwrap<import('node:net').Server>().address() as { port: number };
    const tcp = new ClientTCP({ host: '127.0.0.1', port });
    try {
      const calls = contractClient(orders, tcp);
      expect(await calls.place({ item: 'tea' })).toBe('tea #1');
      await calls.cancelled('order-1');
      await eventually(() => expect(own.cancellations).toEqual(['order-1']));
      expect(() => calls.place({ item: 'tea' }, { timeout: 800 })).toThrow(
        'orders.place: options need a FreelanceClientProxy, but the client is an object of the class ClientTCP. Leave them out.',
      );
    } finally {
      tcp.close();
      await app.close();
    }
  });

  test('its streams are iterated, and a loop that is left unsubscribes', async () => {
    const proxy = new FakeProxy();
    let left = 0;
    proxy.answer = () =>
      new Observable((subscriber) => {
        for (const value of [1, 2, 3]) subscriber.next(value);
        return () => {
          left++;
        };
      });
    const read: number[] = [];
    for await (const value of contractClient(orders, proxy).list(3)) {
      read.push(value);
      if (value === 2) break;
    }
    expect({ read, left }).toEqual({ read: [1, 2], left: 1 });
  });
});

describe('the object', () => {
  test('can be awaited, printed and written as JSON without a call', async () => {
    const proxy = new FakeProxy();
    const calls = contractClient(contract('two', { a: rpc(), b: stream() }), proxy);
    // As Nest does with the value of a provider.
    expect(await Promise.resolve<unknown>(calls)).toBe(calls);
    expect('then' in calls).toBe(false);
    expect(inspect(calls)).toBe('{ a: [Function: two.a], b: [Function: two.b] }');
    expect(JSON.stringify(calls)).toBe('{}');
    expect([...proxy.sent, ...proxy.emitted]).toEqual([]);
  });

  test('its calls need no this, and a test can spy on them', async () => {
    const calls = contractClient(orders, new FakeProxy());
    const { place } = calls;
    expect(await place({ item: 'tea' })).toEqual({ item: 'tea' });
    const spy = vi.spyOn(calls, 'place');
    expect(await calls.place({ item: 'tea' })).toEqual({ item: 'tea' });
    expect(spy).toHaveBeenCalledWith({ item: 'tea' });
  });
});

describe('with a schema', () => {
  const VIOLATION = {
    status: 'error',
    message: 'checked.place: the payload is invalid: item: expected string',
    code: 'INVALID_PAYLOAD',
    contract: 'checked',
    entry: 'place',
    issues: [{ message: 'expected string', path: ['item'] }],
  };
  const checked = contract('checked', {
    place: rpc({ payload: unchecked<Order>() }),
    list: stream({ result: unchecked<number>() }),
    plain: rpc<Order>(),
  });

  function refusing(error: unknown) {
    const proxy = new FakeProxy();
    proxy.answer = () => throwError(() => error);
    return { proxy, calls: contractClient(checked, proxy) };
  }

  test('what a schema refuses is a ContractError, awaited, subscribed to and iterated', async () => {
    const { calls } = refusing(VIOLATION);
    const expected = {
      name: 'ContractError',
      message: VIOLATION.message,
      code: 'INVALID_PAYLOAD',
      contract: 'checked',
      entry: 'place',
      issues: VIOLATION.issues,
    };
    await expect(calls.place({ item: 'tea' })).rejects.toMatchObject(expected);
    await expect(firstValueFrom(calls.place({ item: 'tea' }))).rejects.toMatchObject(expected);
    await expect(firstValueFrom(calls.list())).rejects.toMatchObject(expected);
    await expect(calls.list()[Symbol.asyncIterator]().next()).rejects.toMatchObject(expected);
  });

  test('any other error stays as it is', async () => {
    const other = { status: 'error', message: 'no tea' };
    const { calls } = refusing(other);
    await expect(calls.place({ item: 'tea' })).rejects.toBe(other);
    await expect(calls.list()[Symbol.asyncIterator]().next()).rejects.toBe(other);
  });

  test('an entry without a schema passes on what came', async () => {
    await expect(refusing(VIOLATION).calls.plain({ item: 'tea' })).rejects.toBe(VIOLATION);
  });

  test('leaving a loop over checked values cancels the call, and so does throwing at them', async () => {
    const proxy = new FakeProxy();
    let cancelled = 0;
    proxy.answer = () =>
      new Observable((subscriber) => {
        for (const value of [1, 2, 3]) subscriber.next(value);
        return () => {
          cancelled++;
        };
      });
    const calls = contractClient(checked, proxy);
    const read: number[] = [];
    for await (const value of calls.list()) {
      read.push(value);
      if (value === 2) break;
    }
    expect({ read, cancelled }).toEqual({ read: [1, 2], cancelled: 1 });
    const values = calls.list()[Symbol.asyncIterator]();
    await values.next();
    await expect(values.throw('mine')).rejects.toBe('mine');
    expect(cancelled).toBe(2);
  });

  test('missing data is refused by Nest at the client, also beside options', async () => {
    using proxy = connectTo('inproc://nowhere');
    const calls = contractClient(checked, proxy) as unknown as {
      place(data?: unknown, options?: object): Promise<void>;
    };
    const refused = 'The invalid data or message pattern (undefined/null)';
    await expect(calls.place()).rejects.toThrow(refused);
    await expect(calls.place(null)).rejects.toThrow(refused);
    await expect(calls.place(undefined, { timeout: 800 })).rejects.toThrow(refused);
  });
});

describe('is refused, with the name of the contract and what to do', () => {
  test.each([
    [
      undefined,
      'contractClient takes a contract, as contract() returns it, but got undefined: files that import each other in a circle see that.',
    ],
    [{}, 'contractClient takes a contract, as contract() returns it, but got an object.'],
  ])('what is not a contract: %j', (value, message) => {
    expect(() => contractClient(value as typeof orders, new FakeProxy())).toThrow(
      expect.objectContaining({ code: 'BAD_OPTIONS', message }),
    );
  });

  test.each([undefined, null, 'inproc://x', {}, { send: () => {} }])(
    'what is not a client: %j',
    (value) => {
      expect(() => contractClient(orders, value as unknown as FakeProxy)).toThrow(
        /^contractClient: the contract orders needs a FreelanceClientProxy, or another ClientProxy of Nest, but got /,
      );
    },
  );

  const calls = () =>
    contractClient(orders, connectTo('inproc://nowhere')) as unknown as Record<
      'place' | 'list' | 'cancelled',
      (data: unknown, options?: unknown) => unknown
    >;

  test.each([
    [{ timeot: 800 }, /^orders\.place: there is no option "timeot"\. The options are metadata, /],
    [
      { timeout: 0 },
      /^orders\.place: the option timeout takes a number of at least 1 ms.*got 0\.$/,
    ],
    [800, /^orders\.place: its options must be an object, but are 800\.$/],
    [null, /^orders\.place: its options must be an object, but are null\.$/],
    [{ broadcast: true }, /^orders\.place: a call with one result cannot be a broadcast\./],
  ])('options of a call: %j', (options, message) => {
    expect(() => calls().place({ item: 'tea' }, options)).toThrow(
      expect.objectContaining({ code: 'BAD_OPTIONS', message: expect.stringMatching(message) }),
    );
  });

  test('options of a stream, and of an event, which is not sent then', () => {
    expect(() => calls().list(1, { x: 1 })).toThrow(/^orders\.list: there is no option "x"/);
    expect(() => calls().cancelled('a', { x: 1 })).toThrow(
      /^orders\.cancelled: there is no option "x"/,
    );
  });

  test('options beside a record, which has its own', () => {
    const builder = new FreelanceRecordBuilder({ item: 'tea' });
    for (const record of [builder, builder.build()]) {
      expect(() => calls().place(record, { timeout: 800 })).toThrow(
        `orders.place: the data is a ${record.constructor.name}, which has options of its own. Pass its data, and all options beside it.`,
      );
    }
  });
});
