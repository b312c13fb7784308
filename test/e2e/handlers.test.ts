import { Controller } from '@nestjs/common';
import { Ctx, MessagePattern, Payload, RpcException } from '@nestjs/microservices';
import { FREELANCE_TRANSPORT, FreelanceContext, FreelanceRecordBuilder } from 'nestjs-freelance';
import { EMPTY, firstValueFrom, lastValueFrom, of, throwError, toArray } from 'rxjs';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { connectTo, serve, type Served } from '../support/nest.js';

@Controller()
class AnswersController {
  @MessagePattern('sync')
  sync(@Payload() value: unknown) {
    return value;
  }

  @MessagePattern('async')
  async async(@Payload() value: unknown) {
    return Promise.resolve(value);
  }

  @MessagePattern('observable')
  observable(@Payload() values: unknown[]) {
    return of(...values);
  }

  @MessagePattern('async observable')
  async asyncObservable(@Payload() values: unknown[]) {
    return Promise.resolve(of(...values));
  }

  @MessagePattern('empty')
  empty() {
    return EMPTY;
  }

  @MessagePattern('nothing')
  nothing() {}

  @MessagePattern({ cmd: 'object', version: 2 })
  object(@Payload() value: unknown) {
    return value;
  }

  @MessagePattern(7)
  numeric() {
    return 'seven';
  }

  @MessagePattern('tagged', FREELANCE_TRANSPORT)
  tagged() {
    return 'for this transport only';
  }

  @MessagePattern('rpc exception')
  rpcException() {
    throw new RpcException({ code: 17, reason: 'no such thing' });
  }

  @MessagePattern('error')
  error() {
    throw new Error('secret');
  }

  @MessagePattern('late error')
  lateError() {
    return throwError(() => new RpcException('too late'));
  }

  @MessagePattern('unwritable')
  unwritable() {
    return { big: 1n };
  }

  @MessagePattern('context')
  context(@Ctx() context: FreelanceContext) {
    return {
      pattern: context.getPattern(),
      metadata: context.getMetadata(),
      attempt: context.getAttempt(),
    };
  }
}

let server: Served;
let client: ReturnType<typeof connectTo>;

beforeAll(async () => {
  server = await serve([AnswersController]);
  client = connectTo(server.endpoints);
});

afterAll(async () => {
  client.close();
  await server[Symbol.asyncDispose]();
});

const all = (pattern: unknown, data: unknown = {}) =>
  lastValueFrom(client.send<unknown>(pattern, data).pipe(toArray()));

const bytes = Buffer.from([0, 1, 0xfe, 0xff]);

test.each([
  ['a number', 42],
  ['zero', 0],
  ['false', false],
  ['an empty string', ''],
  ['text', 'grüße 🌍'],
  ['a lone surrogate', '\ud800'],
  ['an object', { a: [1, { b: null }] }],
  ['an array', [1, 'two', null]],
  ['bytes', bytes],
])('%s survives both ways', async (_what, value) => {
  expect(await all('sync', value)).toEqual([value]);
  expect(await all('async', value)).toEqual([value]);
});

test('null survives as a result', async () => {
  expect(await all('observable', [null])).toEqual([null]);
});

test.each(['observable', 'async observable'])(
  'every value of an %s arrives, in order',
  async (pattern) => {
    expect(await all(pattern, [1, 2, 3])).toEqual([1, 2, 3]);
    expect(await all(pattern, ['only one'])).toEqual(['only one']);
  },
);

test('a handler that yields nothing completes without a value', async () => {
  expect(await all('empty')).toEqual([]);
});

test('a handler that returns nothing answers undefined, so that a caller can await it', async () => {
  expect(await all('nothing')).toEqual([undefined]);
});

test('patterns may be objects, with keys in any order, and numbers', async () => {
  expect(await all({ version: 2, cmd: 'object' }, 'x')).toEqual(['x']);
  expect(await all(7)).toEqual(['seven']);
});

test('a handler may be restricted to this transport', async () => {
  expect(await all('tagged')).toEqual(['for this transport only']);
});

test("a pattern without a handler fails with Nest's message", async () => {
  await expect(all('unknown')).rejects.toBe(
    'There is no matching message handler defined in the remote service.',
  );
  await expect(all({ cmd: 'unknown' })).rejects.toBe(
    'There is no matching message handler defined in the remote service.',
  );
});

test("errors arrive as with Nest's transports", async () => {
  await expect(all('rpc exception')).rejects.toEqual({ code: 17, reason: 'no such thing' });
  await expect(all('late error')).rejects.toEqual({ status: 'error', message: 'too late' });
  await expect(all('error')).rejects.toEqual({ status: 'error', message: 'Internal server error' });
});

test('a result that cannot be serialized fails its call, and the server continues', async () => {
  await expect(all('unwritable')).rejects.toMatchObject({ status: 'error' });
  expect(await all('sync', 1)).toEqual([1]);
});

test('data that cannot be serialized fails the call at the client', async () => {
  await expect(all('sync', { big: 1n })).rejects.toBeInstanceOf(TypeError);
});

test('a handler sees the options of its call', async () => {
  const record = new FreelanceRecordBuilder({}).setMetadata({ traceparent: '00-1' }).build();
  expect(await firstValueFrom(client.send('context', record))).toEqual({
    pattern: 'context',
    metadata: { traceparent: '00-1' },
    attempt: 1,
  });
});

test('concurrent calls get their own answers', async () => {
  const numbers = Array.from({ length: 500 }, (_, index) => index);
  const answers = await Promise.all(numbers.map((n) => firstValueFrom(client.send('async', n))));
  expect(answers).toEqual(numbers);
  expect(client.stats()).toMatchObject({ pending: 0, dropped: {} });
});
