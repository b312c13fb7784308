import { concat, EMPTY, NEVER, Observable, of, throwError } from 'rxjs';
import { describe, expect, test } from 'vitest';
import { HandlerRun } from '../../../lib/nest/server/handler-run.js';
import type { FreelanceContext } from '../../../lib/nest/server/freelance-context.js';
import { PacketCodec } from '../../../lib/nest/packet-codec.js';
import { FakeCall, fakeHost, settled, timed } from '../../support/careless.js';
import type { HandlerRunDeps } from '../../../lib/nest/server/handler-run.js';

const BROKEN = new Error('broken');
const START_HOOK = expect.objectContaining({
  message: 'The hook setOnProcessingStartHook failed: broken',
  cause: BROKEN,
}) as unknown;
const END_HOOK = expect.objectContaining({
  message: 'The hook setOnProcessingEndHook failed: broken',
}) as unknown;
const INTERNAL = { status: 'error', message: 'Internal server error' };
type Handler = ConstructorParameters<typeof HandlerRun>[2];

function start(
  handler: () => unknown,
  hooks: Partial<HandlerRunDeps> = {},
  codec = timed(new PacketCodec({})),
) {
  const call = new FakeCall();
  const { host, logged, told } = fakeHost();
  const context = {} as FreelanceContext;
  new HandlerRun(call.asServerCall(), codec, handler as Handler, context, {
    ...host,
    ...hooks,
  }).start('data');
  return { call, logged, told };
}

test('a single value is sent as the last one, after the handler has ended', async () => {
  const { call, told } = start(() => 'value');
  await settled();
  expect(call.said).toEqual([['began'], ['ended'], ['last', 'value']]);
  expect(told).toEqual(['start', 'end']);
});

test.each([
  ['one value', of(1), [['last', '1']]],
  [
    'values',
    of(1, 2),
    [
      ['next', '1'],
      ['last', '2'],
    ],
  ],
  ['no value', EMPTY, [['complete']]],
  [
    'a value, then an error',
    concat(
      of(1),
      throwError(() => BROKEN),
    ),
    [
      ['next', '1'],
      ['error', BROKEN],
    ],
  ],
])('an Observable of %s is sent as such', async (_, values, said) => {
  const { call, told } = start(() => values);
  await settled();
  const words = call.said.filter(([word]) => word !== 'began' && word !== 'ended');
  expect(words).toEqual(said);
  expect(call.said.filter(([word]) => word === 'ended')).toHaveLength(1);
  expect(told).toEqual(['start', 'end']);
});

describe('a call gives up its place', () => {
  const endings = ({ said }: FakeCall) => said.filter(([word]) => word === 'ended').length;

  test.each<[title: string, hooks: Partial<HandlerRunDeps>]>([
    [
      'a start hook throws',
      {
        start() {
          throw BROKEN;
        },
      },
    ],
    ['a start hook rejects', { start: () => Promise.reject(BROKEN) }],
  ])('if %s, even after its caller has left', async (_, hooks) => {
    const { call, logged } = start(() => 'value', hooks);
    await settled();
    expect(call.said).toContainEqual(['error', INTERNAL]);
    expect(endings(call)).toBe(1);
    expect(logged).toEqual([['error', 'call', START_HOOK]]);
  });

  test('if a start hook never runs the handler', async () => {
    const { call } = start(() => 'value', { start: () => undefined });
    await settled();
    expect(call.said).toEqual([['began'], ['ended']]);
  });

  test('if an exception filter throws', async () => {
    const { call, logged } = start(() => Promise.reject(BROKEN));
    await settled();
    expect(call.said).toEqual([['began'], ['ended'], ['error', INTERNAL]]);
    expect(logged).toEqual([['error', 'call', BROKEN]]);
  });

  test('if a start hook fails after the handler has begun, whose answer stands', async () => {
    const { call, logged } = start(() => 'value', {
      start: async (_context, run) => {
        await run();
        throw BROKEN;
      },
    });
    await settled();
    expect(call.said).toEqual([['began'], ['ended'], ['last', 'value']]);
    expect(logged).toEqual([['error', 'hook', START_HOOK]]);
  });

  test('if an end hook throws', async () => {
    const { call, logged } = start(() => 'value', {
      end() {
        throw BROKEN;
      },
    });
    await settled();
    expect(call.said).toEqual([['began'], ['ended'], ['last', 'value']]);
    expect(logged).toEqual([['error', 'hook', END_HOOK]]);
  });
});

describe('a stopped handler', () => {
  test('is unsubscribed once', async () => {
    let stopped = 0;
    const { call, told } = start(() => new Observable(() => () => stopped++));
    await settled();
    call.stop();
    call.stop();
    expect(stopped).toBe(1);
    expect(told).toEqual(['start', 'end']);
  });

  test('that throws while it cleans up is logged', async () => {
    const { call, logged } = start(
      () =>
        new Observable(() => () => {
          throw BROKEN;
        }),
    );
    await settled();
    expect(() => call.stop()).not.toThrow();
    expect(logged).toEqual([['error', 'clean-up', expect.objectContaining({ errors: [BROKEN] })]]);
  });

  test('that rejects while it cleans up is logged', async () => {
    const iterator = {
      next: () => new Promise<never>(() => {}),
      return: () => Promise.reject(BROKEN),
    };
    const { call, logged } = start(() => ({ [Symbol.asyncIterator]: () => iterator }));
    await settled();
    call.stop();
    await settled();
    expect(logged).toEqual([['error', 'clean-up', BROKEN]]);
  });

  test('that fails with an AbortError is not logged as an error', async () => {
    const aborted = new DOMException('This operation was aborted', 'AbortError');
    const iterator = {
      next: () => new Promise<never>(() => {}),
      return: () => Promise.reject(aborted),
    };
    const { call, logged } = start(() => ({ [Symbol.asyncIterator]: () => iterator }));
    await settled();
    call.stop();
    await settled();
    expect(logged).toEqual([['debug', 'aborted', expect.any(String)]]);
  });
});

test('a source that yields without a pause stops once its caller has left', async () => {
  let made = 0;
  let whose: FakeCall | undefined;
  const { call } = start(
    () =>
      new Observable((subscriber) => {
        while (!subscriber.closed && made < 1000) {
          made++;
          subscriber.next(made);
          if (made === 10 && whose) whose.isWanted = false;
        }
      }),
    { start: (_context, run) => void setImmediate(run) },
  );
  whose = call;
  await settled();
  await settled();
  expect(made).toBe(11);
});

describe('with a serializer', () => {
  const serializing = (serialize: (packet: unknown) => unknown) =>
    timed(new PacketCodec({ serializer: { serialize } }));

  test('an error that it cannot serialize becomes an internal error, and is logged', async () => {
    const codec = serializing(() => Promise.reject(BROKEN));
    const { call, logged } = start(() => throwError(() => new Error('x')), {}, codec);
    await settled();
    expect(call.said.at(-2)).toEqual(['error', INTERNAL]);
    expect(call.said.at(-1)).toEqual(['ended']);
    expect(logged).toEqual([['error', 'serializer', BROKEN]]);
  });

  test('a value that it cannot serialize becomes an internal error, and is logged', async () => {
    const codec = serializing(() => {
      throw BROKEN;
    });
    const { call, logged } = start(() => 'value', {}, codec);
    await settled();
    expect(call.said).toContainEqual(['error', INTERNAL]);
    expect(call.said.at(-1)).toEqual(['ended']);
    expect(logged).toEqual([['error', 'serializer', BROKEN]]);
  });

  test('errors are serialized as values are', async () => {
    const codec = serializing((packet) => ({ ...(packet as object), err: 'written' }));
    const { call } = start(() => throwError(() => new Error('x')), {}, codec);
    await settled();
    expect(call.said.at(-2)).toEqual(['error', 'written']);
    expect(call.said.at(-1)).toEqual(['ended']);
  });
});

test('a value that is no JSON fails the call, and the log says why', async () => {
  const { call, logged } = start(() => ({ big: 1n }));
  await settled();
  expect(call.said.at(-1)).toEqual([
    'fail',
    { status: 'error', message: 'The result cannot be written as JSON' },
  ]);
  expect(logged).toEqual([['error', 'unwritable result', expect.any(TypeError)]]);
});

test('a handler that never ends keeps its place', async () => {
  const { call } = start(() => NEVER);
  await settled();
  expect(call.said).toEqual([['began']]);
});
