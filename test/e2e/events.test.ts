import { once } from 'node:events';
import { createServer } from 'node:net';
import { Controller, Logger } from '@nestjs/common';
import { Ctx, EventPattern, MessagePattern, Payload } from '@nestjs/microservices';
import {
  type BroadcastReport,
  FreelanceContext,
  type FreelanceInfo,
  FreelanceRecordBuilder,
} from 'nestjs-freelance';
import { firstValueFrom, lastValueFrom, toArray } from 'rxjs';
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import { eventually } from '../support/eventually.js';
import { connectTo, serve, type Served } from '../support/nest.js';
import { freeEndpoint } from '../support/ports.js';

let heard: string[] = [];

const metadataOf = (context: unknown) =>
  JSON.stringify(context instanceof FreelanceContext && context.getMetadata());

@Controller()
class ListenerController {
  @EventPattern('created')
  first(@Payload() order: { id: number }, @Ctx() context: unknown) {
    heard.push(`first ${order.id} ${metadataOf(context)}`);
  }

  @EventPattern('created')
  second(@Payload() order: { id: number }) {
    heard.push(`second ${order.id}`);
  }

  @EventPattern('fails')
  fails(_data: unknown) {
    throw new Error('the handler failed');
  }

  @MessagePattern('fails as a call')
  failsAsCall() {
    throw new Error('no');
  }
}

@Controller()
class BothController {
  @EventPattern('both')
  event(@Payload() data: unknown) {
    heard.push(`event ${JSON.stringify(data)}`);
  }

  @MessagePattern('both')
  message(@Payload() data: unknown) {
    return `message ${JSON.stringify(data)}`;
  }

  @EventPattern({ kind: 'both', v: 1 })
  objectEvent(_data: unknown) {
    heard.push('object event');
  }

  @MessagePattern({ v: 1, kind: 'both' })
  objectMessage() {
    return 'object message';
  }
}

@Controller()
class PrefixController {
  @EventPattern('sold')
  sold(_data: unknown) {
    heard.push('sold');
  }

  @EventPattern('lost')
  lost(_data: unknown) {
    heard.push('lost');
  }

  @MessagePattern('event sold')
  call() {
    return 'a call';
  }
}

@Controller()
class OtherController {
  @EventPattern('created')
  created(@Payload() order: { id: number }) {
    heard.push(`other ${order.id}`);
  }

  @MessagePattern('who')
  who() {
    return 'other';
  }
}

@Controller()
class WhoController {
  @MessagePattern('who')
  who() {
    return 'me';
  }
}

let server: Served;
let client: ReturnType<typeof connectTo>;

beforeEach(async () => {
  heard = [];
  server = await serve([ListenerController, WhoController, BothController]);
  client = connectTo(server.endpoints);
});

afterEach(async () => {
  client.close();
  await server[Symbol.asyncDispose]();
});

const emit = (pattern: string, data: unknown) => lastValueFrom(client.emit(pattern, data));

test('every handler of the pattern receives the event and its metadata', async () => {
  const order = new FreelanceRecordBuilder({ id: 7 }).setMetadata({ tenant: 'x' }).build();
  await emit('created', order);
  await eventually(() => expect(heard.toSorted()).toEqual(['first 7 {"tenant":"x"}', 'second 7']));
  expect(server.strategy.stats().events).toBe(1);
});

test('one pattern may have a handler for calls and one for events', async () => {
  expect(await lastValueFrom(client.send('both', 1))).toBe('message 1');
  expect(await lastValueFrom(client.send({ kind: 'both', v: 1 }, {}))).toBe('object message');
  expect(heard).toEqual([]);
  await emit('both', 2);
  await lastValueFrom(client.emit({ v: 1, kind: 'both' }, {}));
  await eventually(() => expect(heard).toEqual(['event 2', 'object event']));
});

test('an event pattern is no call pattern with a prefix: neither is run for the other', async () => {
  heard = [];
  await using own = await serve([PrefixController]);
  using caller = connectTo(own.endpoints);
  expect(await lastValueFrom(caller.send('event sold', 1))).toBe('a call');
  await expect(lastValueFrom(caller.send('event lost', 1))).rejects.toContain(
    'no matching message handler',
  );
  for (const pattern of ['sold', 'event lost', 'lost'])
    await lastValueFrom(caller.emit(pattern, {}));
  await eventually(() => expect(heard).toEqual(['sold', 'lost']));
  const { patterns, otherPatterns } = own.strategy.stats();
  const counts = Object.entries(patterns).map(([pattern, { calls }]) => [pattern, calls]);
  expect(Object.fromEntries(counts)).toEqual({ 'event sold': 1, sold: 1, lost: 1 });
  // Those without a handler.
  expect(otherPatterns.calls).toBe(2);
  const { patterns: offered } = await lastValueFrom(
    caller.send<FreelanceInfo>('$freelance.info', {}),
  );
  expect(offered.map(({ pattern, kind }) => `${kind}: ${pattern}`)).toEqual([
    'call: event sold',
    'event: lost',
    'event: sold',
  ]);
});

test('emit sends without a subscriber, as with every Nest transport', async () => {
  client.emit('created', { id: 8 });
  await eventually(() => expect(heard).toHaveLength(2));
});

test('a handler that fails is logged, and the emitter does not notice', async () => {
  const error = vi.spyOn(Logger.prototype, 'error').mockImplementation(() => {});
  await emit('fails', {});
  await eventually(() => expect(error).toHaveBeenCalled());
  error.mockRestore();
  await emit('created', { id: 9 });
  await eventually(() => expect(heard).toHaveLength(2));
});

test('an event whose server is gone moves to another server', async () => {
  const other = await serve([OtherController]);
  await client.connect();
  client.addEndpoint(other.endpoints[0] ?? '');
  await eventually(() => expect(Object.keys(client.stats().endpoints)).toHaveLength(2));
  await server[Symbol.asyncDispose]();
  for (let id = 0; id < 10; id++) await emit('created', { id });
  await eventually(() => expect(heard.filter((who) => who.startsWith('other'))).toHaveLength(10));
  await other[Symbol.asyncDispose]();
});

test('emit fails with ECONNREFUSED if no server is reachable', async () => {
  using lonely = connectTo([await freeEndpoint()], { connectTimeout: 100 });
  await expect(lastValueFrom(lonely.emit('created', { id: 1 }))).rejects.toMatchObject({
    code: 'ECONNREFUSED',
  });
});

test('a broadcast reaches every live server and reports who accepted it', async () => {
  await using other = await serve([OtherController]);
  const nobody = await freeEndpoint();
  const endpoints = [...server.endpoints, ...other.endpoints];
  using all = connectTo([...endpoints, nobody]);
  await all.connect();
  await eventually(() => {
    const states = Object.values(all.stats().endpoints).map(({ state }) => state);
    expect(states).toEqual(['alive', 'alive', 'dead']);
  });

  const toAll = new FreelanceRecordBuilder({ id: 1 }).setBroadcast().build();
  const report = await lastValueFrom(all.emit<BroadcastReport>('created', toAll));
  expect(report.accepted.toSorted()).toEqual(endpoints.toSorted());
  expect(report.failed).toMatchObject([
    { endpoint: nobody, reason: expect.stringMatching(/^dead/u), error: { code: 'ECONNREFUSED' } },
  ]);
  await eventually(() => expect(heard.toSorted()).toEqual(['first 1 {}', 'other 1', 'second 1']));

  const who: string[] = [];
  const incomplete = new Promise((resolve) =>
    all.send<string>('who', toAll).subscribe({ next: (name) => who.push(name), error: resolve }),
  );
  expect(await incomplete).toMatchObject({
    code: 'BROADCAST',
    failed: [{ endpoint: nobody, reason: expect.stringMatching(/^dead/u) }],
    message: expect.stringContaining(nobody),
  });
  expect(who.toSorted()).toEqual(['me', 'other']);
  all.removeEndpoint(nobody);
  const complete = all.send<string>('who', toAll).pipe(toArray());
  expect((await firstValueFrom(complete)).toSorted()).toEqual(['me', 'other']);

  const values: string[] = [];
  const partly = new Promise((resolve) =>
    all
      .send<string>('fails as a call', toAll)
      .subscribe({ next: (v) => values.push(v), error: resolve }),
  );
  expect(await partly).toMatchObject({ code: 'BROADCAST' });
});

describe('the first broadcast of a client', () => {
  const toAll = new FreelanceRecordBuilder({ id: 1 }).setBroadcast().build();

  async function three() {
    const servers = [
      await serve([OtherController]),
      await serve([OtherController]),
      await serve([OtherController]),
    ];
    const endpoints = servers.flatMap((each) => each.endpoints);
    const close = async () => {
      for (const each of servers) await each[Symbol.asyncDispose]();
    };
    return { endpoints, [Symbol.asyncDispose]: close };
  }

  test('reaches every live server', async () => {
    await using servers = await three();
    const { endpoints } = servers;
    using fresh = connectTo(endpoints);
    const report = await lastValueFrom(fresh.emit<BroadcastReport>('created', toAll));
    expect(report.failed).toEqual([]);
    expect(report.accepted.toSorted()).toEqual(endpoints.toSorted());
    using another = connectTo(endpoints);
    const names = await firstValueFrom(another.send<string>('who', toAll).pipe(toArray()));
    expect(names).toEqual(['other', 'other', 'other']);
  });

  test('reaches every live server right after connect()', async () => {
    await using servers = await three();
    const { endpoints } = servers;
    using fresh = connectTo(endpoints);
    await fresh.connect();
    const report = await lastValueFrom(fresh.emit<BroadcastReport>('created', toAll));
    expect(report.failed).toEqual([]);
    expect(report.accepted.toSorted()).toEqual(endpoints.toSorted());
    using another = connectTo(endpoints);
    await another.connect();
    const names = await firstValueFrom(another.send<string>('who', toAll).pipe(toArray()));
    expect(names).toEqual(['other', 'other', 'other']);
  });

  test('waits for a server that answers late, but not for ever for one that never does', async () => {
    await using early = await serve([OtherController]);
    const mute = createServer().listen(0, '127.0.0.1');
    await once(mute, 'listening');
    const address = mute.address();
    const never = typeof address === 'object' ? `tcp://127.0.0.1:${address?.port}` : '';
    const later = await freeEndpoint();
    const dead = await freeEndpoint();
    using fresh = connectTo([...early.endpoints, never, dead], { connectTimeout: 2000 });
    fresh.addEndpoint(later);
    await using late = await serve([OtherController], { bind: later });
    const report = await lastValueFrom(fresh.emit<BroadcastReport>('created', toAll));
    expect(report.accepted.toSorted()).toEqual([...early.endpoints, ...late.endpoints].toSorted());
    expect(report.failed).toMatchObject([
      { endpoint: dead, reason: expect.stringMatching(/^dead/u) },
      { endpoint: never, reason: 'connecting' },
    ]);
    mute.close();
  });

  test('names each server that was not reached if none was', async () => {
    const endpoints = [await freeEndpoint(), await freeEndpoint()];
    using fresh = connectTo(endpoints);
    const error = await lastValueFrom(fresh.send('who', toAll)).catch((e: unknown) => e);
    expect(error).toMatchObject({
      code: 'BROADCAST',
      failed: [{ error: { code: 'ECONNREFUSED' } }, { error: { code: 'ECONNREFUSED' } }],
    });
    const report = await lastValueFrom(fresh.emit<BroadcastReport>('created', toAll));
    expect(report.accepted).toEqual([]);
    expect(report.failed.map(({ endpoint }) => endpoint).toSorted()).toEqual(endpoints.toSorted());
  });
});
