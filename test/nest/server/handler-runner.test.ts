import type { ReadPacket } from '@nestjs/microservices';
import { concat, of, throwError } from 'rxjs';
import { describe, expect, test } from 'vitest';
import type { ServerEvent } from '../../../lib/agents/server/server-event.js';
import { EventFailure } from '../../../lib/nest/server/event-run.js';
import { HandlerRunner } from '../../../lib/nest/server/handler-runner.js';
import type { TimedCodec } from '../../../lib/nest/server/timed-codec.js';
import { NO_MESSAGE_HANDLER } from '../../../lib/nest/server/nest-words.js';
import { Serialized } from '../../../lib/protocol/body.js';
import { PacketCodec } from '../../../lib/nest/packet-codec.js';
import { instrument } from '../../../lib/telemetry/instruments.js';
import type { ServerCallMessage } from '../../../lib/telemetry/messages.js';
import { FakeCall, fakeHost, settled, timed } from '../../support/careless.js';

const BROKEN = new Error('broken');
const INTERNAL = { status: 'error', message: 'Internal server error' };
const now = () => 0;
const PLAIN = timed(new PacketCodec({}));

function deserializing(deserialize: (packet: unknown) => unknown): TimedCodec {
  const deserializer = { deserialize: (value: unknown) => deserialize(value) as ReadPacket };
  return timed(new PacketCodec({ deserializer }));
}

describe('a server is ready', () => {
  const isReady = (handler?: () => unknown) =>
    new HandlerRunner(fakeHost(handler).host, PLAIN, now).isReady();

  async function* generator(value: unknown) {
    yield value;
  }

  test.each<[title: string, handler: (() => unknown) | undefined, ready: boolean]>([
    ['without a handler', undefined, true],
    ['if it says true', () => true, true],
    ['if it says nothing', () => {}, true],
    ['if it says null', () => null, true],
    ['if it says 0', () => 0, true],
    ['unless it says false', () => false, false],
    ['unless it resolves to false', () => Promise.resolve(false), false],
    ['unless it throws', () => void JSON.parse('no'), false],
    ['unless it rejects', () => Promise.reject(BROKEN), false],
    ['if its Observable ends without a value', () => of(), true],
    ['unless its Observable says false', () => of(false), false],
    ['as its Observable says last', () => of(false, true), true],
    [
      'unless its Observable fails',
      () =>
        concat(
          of(true),
          throwError(() => BROKEN),
        ),
      false,
    ],
    ['unless its generator says false', () => generator(false), false],
    ['if its generator says true', () => generator(true), true],
  ])('%s', async (_, handler, ready) => {
    expect(await isReady(handler)).toBe(ready);
  });
});

test.each(['PING', '"PING"', String.raw`"\u0050ING"`])(
  'the readiness check is nobody’s to call: %s',
  async (pattern) => {
    const ran: string[] = [];
    const ready = Object.assign(() => (ran.push('ready'), Promise.resolve(of(true))), {});
    // As Nest does it: a pattern is read as JSON, if it can be.
    const find = (given: string) => {
      const name: unknown = given.startsWith('"') ? JSON.parse(given) : given;
      return name === 'PING' ? ready : undefined;
    };
    const { host } = fakeHost();
    const call = new FakeCall(pattern);
    const runner = new HandlerRunner({ ...host, find }, PLAIN, now);
    runner.handle(call.asServerCall());
    await settled();
    expect(ran).toEqual([]);
    expect(call.said).toMatchObject([['error', expect.anything()]]);
    expect(await runner.isReady()).toBe(true);
    expect(ran).toEqual(['ready']);
  },
);

test('a deserializer that changes a pattern does not change it for other calls', async () => {
  const shared = { cmd: 'sum' };
  const codec = deserializing((packet) => {
    const { pattern } = packet as { pattern: { cmd: string } };
    pattern.cmd = 'changed';
    return packet;
  });
  const { host } = fakeHost(() => 'value');
  new HandlerRunner(host, codec, now).handle(new FakeCall(shared).asServerCall());
  await settled();
  expect(shared).toEqual({ cmd: 'sum' });
});

test('the handler is found by the pattern that the deserializer returns', async () => {
  const asked: string[] = [];
  const { host } = fakeHost();
  const find = (pattern: string) => (asked.push(pattern), undefined);
  const codec = deserializing(() => ({ pattern: { a: 1 }, data: 'x' }));
  new HandlerRunner({ ...host, find }, codec, now).handle(new FakeCall().asServerCall());
  await settled();
  expect(asked).toEqual(['{"a":1}']);
});

test.each([
  ['throws', deserializing(() => void JSON.parse('no'))],
  ['rejects', deserializing(() => Promise.reject(BROKEN))],
])('a deserializer that %s fails its call, and is logged', async (_, codec) => {
  const call = new FakeCall();
  const { host, logged } = fakeHost(() => 'value');
  new HandlerRunner(host, codec, now).handle(call.asServerCall());
  await settled();
  expect(call.said).toEqual([['began'], ['error', INTERNAL], ['ended']]);
  expect(logged).toHaveLength(1);
});

test('a subclass that throws while it looks for a handler fails that call alone', () => {
  const call = new FakeCall();
  const { host, logged } = fakeHost();
  const find = () => {
    throw BROKEN;
  };
  new HandlerRunner({ ...host, find }, PLAIN, now).handle(call.asServerCall());
  expect(call.said).toEqual([['error', INTERNAL]]);
  expect(logged).toEqual([['error', 'call', BROKEN]]);
});

test('a call without a handler ends, and its pattern is cut in the log', async () => {
  const call = new FakeCall('x'.repeat(5000));
  const { host, logged } = fakeHost();
  new HandlerRunner(
    host,
    deserializing((packet) => packet),
    now,
  ).handle(call.asServerCall());
  await settled();
  expect(call.said).toEqual([['began'], ['error', NO_MESSAGE_HANDLER], ['ended']]);
  expect(String(logged[0]?.[2]).length).toBeLessThan(1000);
});

test('a server without a deserializer gets a serialized event as bytes', async () => {
  const got: unknown[] = [];
  const { host } = fakeHost();
  const handleEvent = (_pattern: string, data: unknown) => Promise.resolve(got.push(data));
  const { request } = new FakeCall('p', new Serialized('text'));
  const event = { request, over() {} } as unknown as ServerEvent;
  new HandlerRunner({ ...host, handleEvent }, PLAIN, now).event(event);
  await settled();
  expect(got).toEqual(['text']);
});

test('whether an event has a handler is looked up only for those who watch, and their message keeps the addresses', async () => {
  const asked: string[] = [];
  let endpoints: readonly string[] = ['tcp://127.0.0.1:1'];
  const { host } = fakeHost();
  const deps = {
    ...host,
    server: {
      id: 's',
      get endpoints() {
        return endpoints;
      },
    },
    has: (pattern: string) => asked.push(pattern) > 0,
  };
  const { request } = new FakeCall('p');
  const deliver = async () => {
    const event = { request, isOver: false, over() {} } as unknown as ServerEvent;
    new HandlerRunner(deps, PLAIN, now).event(event);
    await settled();
  };
  await deliver();
  expect(asked).toEqual([]);
  const seen: ServerCallMessage[] = [];
  const remove = instrument({ aroundServerCall: (call, next) => (seen.push(call), next()) });
  await deliver();
  remove();
  endpoints = [];
  expect(asked).toEqual(['p']);
  const server = { id: 's', endpoints: ['tcp://127.0.0.1:1'] };
  expect(seen).toMatchObject([{ hasHandler: true, server }]);
});

describe('an event ends', () => {
  async function deliver(handleEvent: () => Promise<unknown>, codec = PLAIN) {
    let over = 0;
    const { request } = new FakeCall();
    const { host, logged } = fakeHost();
    const failures: unknown[] = [];
    const event = {
      request,
      over: () => over++,
      fail: (...failure: unknown[]) => failures.push(failure),
    } as unknown as ServerEvent;
    new HandlerRunner({ ...host, handleEvent }, codec, now).event(event);
    await settled();
    return { over, logged, failures };
  }

  test('once its handlers have ended', async () => {
    const ended = { over: 1, logged: [], failures: [] };
    expect(await deliver(() => Promise.resolve())).toEqual(ended);
  });

  test('with the failure of a handler, which is logged already', async () => {
    const failure = new EventFailure('HANDLER', BROKEN);
    expect(await deliver(() => Promise.resolve(failure))).toEqual({
      over: 1,
      logged: [],
      failures: [[BROKEN, 'HANDLER']],
    });
  });

  test.each<[title: string, handleEvent: () => Promise<unknown>]>([
    ['rejects', () => Promise.reject(BROKEN)],
    [
      'throws',
      () => {
        throw BROKEN;
      },
    ],
  ])('if its handling %s', async (_, handleEvent) => {
    const { over, logged, failures } = await deliver(handleEvent);
    expect(failures).toEqual([[BROKEN, 'INTERNAL']]);
    expect(over).toBe(1);
    expect(logged).toEqual([['error', 'event', BROKEN]]);
  });

  test('if its deserializer rejects', async () => {
    const codec = deserializing(() => Promise.reject(BROKEN));
    const { over, logged } = await deliver(() => Promise.resolve(), codec);
    expect(over).toBe(1);
    expect(logged).toEqual([['error', 'event', BROKEN]]);
  });

  test('not while they run', async () => {
    expect((await deliver(() => new Promise(() => {}))).over).toBe(0);
  });
});
