import {
  type CallHandler,
  type CanActivate,
  Catch,
  Controller,
  type ExecutionContext,
  type PipeTransform,
} from '@nestjs/common';
import { APP_FILTER, APP_GUARD, APP_INTERCEPTOR, APP_PIPE } from '@nestjs/core';
import { EventPattern, MessagePattern, Payload, RpcException } from '@nestjs/microservices';
import {
  AtMostOnce,
  type FreelanceClientProxy,
  type FreelanceInfo,
  FreelanceRecordBuilder,
  type FreelanceStats,
  FreelanceTransportServer,
  instrument,
} from 'nestjs-freelance';
import { pack, unpack } from 'msgpackr';
import { firstValueFrom, lastValueFrom, NEVER, toArray } from 'rxjs';
import { describe, expect, test } from 'vitest';
import { PACKAGE } from '../../lib/package.js';
import { eventually } from '../support/eventually.js';
import { connectTo, serve } from '../support/nest.js';
import { RawClient } from '../support/security.js';

const NO_HANDLER = 'There is no matching message handler defined in the remote service.';

@Controller()
class MathController {
  @MessagePattern('sum', { description: 'Adds numbers' })
  sum(@Payload() numbers: number[]) {
    return numbers.reduce((total, number) => total + number, 0);
  }

  @AtMostOnce()
  @MessagePattern({ version: 2, cmd: 'charge' })
  charge() {
    return 'charged';
  }

  @EventPattern('sum')
  summed(@Payload() _sum: unknown) {}

  @MessagePattern('fails')
  fails() {
    throw new RpcException('no');
  }

  @MessagePattern('never')
  never() {
    return NEVER;
  }
}

@Controller()
class ReservedController {
  @MessagePattern('PING')
  ready() {
    return true;
  }

  @MessagePattern('REQUEST')
  raw() {
    return 'raw';
  }
}

const infoOf = (client: FreelanceClientProxy, data: unknown = {}): Promise<FreelanceInfo> =>
  firstValueFrom(client.send<FreelanceInfo>('$freelance.info', data));

const statsOf = (client: FreelanceClientProxy): Promise<FreelanceStats> =>
  firstValueFrom(client.send<FreelanceStats>('$freelance.stats', {}));

test('$freelance.info tells what a server is, and what it offers', async () => {
  const begun = Date.now();
  const controllers = [MathController, ReservedController];
  await using served = await serve(controllers, { serverId: 'math-1', maxQueue: 7 });
  using client = connectTo(served.endpoints);
  const info = await infoOf(client);
  expect(info).toEqual({
    id: 'math-1',
    library: PACKAGE,
    nest: expect.stringMatching(/^1[12]\.\d+\.\d+/),
    node: process.versions.node,
    engine: expect.stringMatching(/^(node|libzmq)$/),
    pid: process.pid,
    startedAt: expect.any(Number),
    uptimeMs: expect.any(Number),
    endpoints: served.endpoints,
    state: 'ready',
    mechanism: 'null',
    patterns: [
      { pattern: 'fails', kind: 'call', atMostOnce: false },
      { pattern: 'never', kind: 'call', atMostOnce: false },
      { pattern: 'sum', kind: 'call', atMostOnce: false, description: 'Adds numbers' },
      { pattern: 'sum', kind: 'event', atMostOnce: false },
      { pattern: '{"cmd":"charge","version":2}', kind: 'call', atMostOnce: true },
    ],
    limits: {
      maxConcurrency: 1024,
      maxConcurrencyPerClient: 896,
      maxQueue: 7,
      maxQueueWait: 100,
      maxMessageSize: 16 * 1024 * 1024,
      maxClients: 10_000,
      maxConnections: 8750,
      drainTimeout: 10_000,
      replayWindow: 0,
    },
  });
  expect(info.startedAt).toBeGreaterThanOrEqual(begun);
  expect(info.startedAt + info.uptimeMs).toBeLessThanOrEqual(Date.now() + 1);
});

test('a wait without a bound is null, which JSON can write', async () => {
  await using served = await serve([], { maxQueueWait: Infinity });
  using client = connectTo(served.endpoints);
  expect((await infoOf(client)).limits.maxQueueWait).toBeNull();
});

test('$freelance.stats tells what stats() tells, and does not count those who ask', async () => {
  await using served = await serve([MathController], { serverId: 'math-1' });
  using client = connectTo(served.endpoints);
  await firstValueFrom(client.send('sum', [1, 2]));
  await firstValueFrom(client.send('fails', {})).catch(() => {});
  for (let asked = 0; asked < 5; asked++) await infoOf(client);
  const before = Date.now();
  const answer = await eventually(async () => {
    const latest = await statsOf(client);
    expect(latest.stats).toMatchObject({ introspections: expect.toSatisfy((n) => n >= 6) });
    return latest;
  });
  expect(answer).toMatchObject({
    id: 'math-1',
    uptimeMs: expect.any(Number),
    state: 'ready',
    stats: {
      calls: 2,
      errors: { HANDLER: 1 },
      accepted: 2,
      // The question itself.
      running: 1,
      patterns: { sum: { calls: 1 }, fails: { calls: 1, errors: { HANDLER: 1 } } },
      otherPatterns: { calls: 0 },
      otherCallers: { calls: 0 },
    },
  });
  expect(answer.at).toBeGreaterThanOrEqual(before);
  expect(Object.keys(answer.stats.patterns).toSorted()).toEqual(['fails', 'sum']);
  expect(Object.values(answer.stats.callers)).toMatchObject([{ calls: 2 }]);
  const own = JSON.parse(JSON.stringify(served.strategy.stats())) as object;
  expect(Object.keys(answer.stats).toSorted()).toEqual(Object.keys(own).toSorted());
});

test('a broadcast yields one answer for each server', async () => {
  await using one = await serve([MathController], { serverId: 'one' });
  await using two = await serve([], { serverId: 'two' });
  using client = connectTo([...one.endpoints, ...two.endpoints]);
  await client.connect();
  const everybody = new FreelanceRecordBuilder({}).setBroadcast().build();
  const answers = await lastValueFrom(
    client.send<FreelanceInfo>('$freelance.info', everybody).pipe(toArray()),
  );
  expect(answers.map(({ id }) => id).toSorted()).toEqual(['one', 'two']);
});

describe('nothing of the user’s applies to it', () => {
  const ran: string[] = [];

  class DenyingGuard implements CanActivate {
    canActivate(_context: ExecutionContext) {
      ran.push('guard');
      return false;
    }
  }

  class ChangingInterceptor {
    intercept(_context: ExecutionContext, next: CallHandler) {
      ran.push('interceptor');
      return next.handle();
    }
  }

  class RefusingPipe implements PipeTransform {
    transform(): never {
      ran.push('pipe');
      throw new RpcException('refused');
    }
  }

  @Catch()
  class ChangingFilter {
    catch(error: unknown) {
      ran.push('filter');
      throw error;
    }
  }

  const pipeline = [
    { provide: APP_GUARD, useClass: DenyingGuard },
    { provide: APP_INTERCEPTOR, useClass: ChangingInterceptor },
    { provide: APP_PIPE, useClass: RefusingPipe },
    { provide: APP_FILTER, useClass: ChangingFilter },
  ];

  test('neither guards, interceptors, pipes and filters, nor hooks around calls', async () => {
    ran.length = 0;
    await using served = await serve([MathController], {}, pipeline);
    const remove = instrument({
      aroundServerCall: (_call, next) => {
        ran.push('instrument');
        next();
      },
    });
    using client = connectTo(served.endpoints);
    expect((await infoOf(client)).patterns).toHaveLength(5);
    expect((await statsOf(client)).stats.calls).toBe(0);
    expect(ran).toEqual([]);
    await expect(firstValueFrom(client.send('sum', [1]))).rejects.toBeDefined();
    expect(ran).toEqual(expect.arrayContaining(['guard', 'instrument']));
    remove();
  });

  const messagePack = {
    serialize: (packet: object) => pack(packet),
    deserialize: (bytes: Buffer) => unpack(bytes) as object,
  };
  const hostile = {
    serialize: () => {
      throw new Error('no');
    },
    deserialize: () => {
      throw new Error('no');
    },
  };
  const codecOf = ({ serialize, deserialize }: typeof messagePack) => ({
    serializer: { serialize },
    deserializer: { deserialize: (value: Buffer) => deserialize(value) as never },
  });

  test.each([
    ['at the server alone', codecOf(messagePack), {}],
    ['at both sides', codecOf(messagePack), codecOf(messagePack)],
    ['at both sides, that throw', codecOf(hostile), codecOf(hostile)],
  ])('nor a serializer and a deserializer %s', async (_where, server, own) => {
    await using served = await serve([MathController], server);
    using client = connectTo(served.endpoints, own);
    expect((await infoOf(client)).patterns).toHaveLength(5);
    expect((await statsOf(client)).stats.introspections).toBeGreaterThan(0);
  });

  test('nor a subclass that has a handler for everything', async () => {
    class CatchAllServer extends FreelanceTransportServer {
      override getHandlerByPattern() {
        return () => Promise.resolve('mine');
      }
    }

    await using on = await serve([], {}, [], CatchAllServer);
    await using off = await serve([], { introspection: false }, [], CatchAllServer);
    using toOn = connectTo(on.endpoints);
    using toOff = connectTo(off.endpoints);
    expect(await firstValueFrom(toOff.send('anything', {}))).toBe('mine');
    expect(await infoOf(toOn)).toMatchObject({ library: PACKAGE });
    await expect(infoOf(toOff)).rejects.toEqual(NO_HANDLER);
    await expect(firstValueFrom(toOn.send('$freelance.later', {}))).rejects.toEqual(NO_HANDLER);
  });
});

describe('admission applies to it', () => {
  const REQUEST = ['', 'REQUEST', 'i', '', '{"pattern":"$freelance.info"}'];

  test('a server whose places and queue are full refuses it', async () => {
    const full = { maxConcurrency: 1, maxQueue: 0 };
    await using served = await serve([MathController], { ...full, drainTimeout: 0 });
    using busy = connectTo(served.endpoints);
    using client = connectTo(served.endpoints);
    await client.connect();
    const running = busy.send('never', {}).subscribe({ error() {} });
    await eventually(() => expect(served.strategy.stats().running).toBe(1));
    await expect(infoOf(client)).rejects.toMatchObject({ code: 'OVERLOADED' });
    expect(served.strategy.stats()).toMatchObject({ introspections: 0, calls: 1 });
    running.unsubscribe();
    await eventually(() => expect(served.strategy.stats().running).toBe(0));
    expect(await infoOf(client)).toMatchObject({ state: 'ready' });
  });

  test('a draining server refuses it', async () => {
    const served = await serve([MathController], { drainTimeout: 60_000 });
    using busy = connectTo(served.endpoints);
    const running = busy.send('never', {}).subscribe({ error() {} });
    await eventually(() => expect(served.strategy.stats().running).toBe(1));
    using raw = new RawClient(served.endpoints[0] ?? '');
    await raw.socket.send(REQUEST);
    await eventually(() => expect(raw.heard.join()).toContain('"library"'));
    const closed = served.strategy.close();
    await raw.socket.send(REQUEST);
    await eventually(() => expect(raw.heard.join()).toContain('"reason":"draining"'));
    // The older dialects have no word for that, and are served to the end.
    // An answer that took a busy machine long is given once more before the next is made.
    await eventually(async () => {
      await raw.ask('$freelance.info');
      expect(raw.heard.join()).toContain('"state":"draining"');
    });
    running.unsubscribe();
    await closed;
    await served[Symbol.asyncDispose]();
  });

  test('one whose deadline has passed is refused', async () => {
    await using served = await serve([]);
    using raw = new RawClient(served.endpoints[0] ?? '');
    await raw.socket.send([...REQUEST.slice(0, 4), '{"pattern":"$freelance.info","timeout":0}']);
    await eventually(() => expect(raw.heard.join()).toContain('"reason":"expired"'));
  });
});

test('it is answered under each spelling of the pattern', async () => {
  await using served = await serve([]);
  using raw = new RawClient(served.endpoints[0] ?? '');
  for (const pattern of ['"$freelance.info"', String.raw`"\u0024freelance\u002einfo"`]) {
    raw.heard.length = 0;
    await raw.ask(pattern);
    await eventually(() => expect(raw.heard.join()).toContain('"library"'));
  }
});

test('a server that is not ready says so', async () => {
  await using served = await serve([MathController]);
  served.strategy.setReady(false);
  using raw = new RawClient(served.endpoints[0] ?? '');
  for (const pattern of ['$freelance.info', '$freelance.stats']) {
    await raw.ask(pattern);
    await eventually(() => expect(raw.heard.join()).toContain('"state":"unready"'));
    raw.heard.length = 0;
  }
});

test('an event of that name is accepted, and does nothing', async () => {
  await using served = await serve([MathController]);
  using client = connectTo(served.endpoints);
  await lastValueFrom(client.emit('$freelance.info', {}));
  await eventually(() => expect(served.strategy.stats().introspections).toBe(1));
  expect(served.strategy.stats()).toMatchObject({ calls: 0, events: 0, running: 0, errors: {} });
});

describe('a handler cannot have a reserved pattern', () => {
  test.each(['$freelance.info', '$freelance.mine', String.raw`"\u0024freelance.info"`])(
    '%s',
    async (pattern) => {
      @Controller()
      class CallController {
        @MessagePattern(pattern)
        own() {}
      }

      @Controller()
      class EventController {
        @EventPattern(pattern)
        own(@Payload() _data: unknown) {}
      }

      for (const controller of [CallController, EventController]) {
        await expect(serve([controller])).rejects.toMatchObject({
          code: 'BAD_OPTIONS',
          message: expect.stringContaining(`the pattern ${JSON.stringify(pattern)}`),
        });
      }
    },
  );
});
