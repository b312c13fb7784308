import { Controller } from '@nestjs/common';
import { EventPattern, MessagePattern, Payload } from '@nestjs/microservices';
import { defer, EMPTY, from, lastValueFrom, of, toArray } from 'rxjs';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { eventually } from '../support/eventually.js';
import { outcomeOf, type Parity, serveBoth } from '../support/parity.js';

class Money {
  constructor(
    readonly amount: number,
    readonly currency: string,
  ) {}

  toString() {
    return `${this.amount} ${this.currency}`;
  }
}

/** Values that JSON changes: what arrives is their JSON. */
const CHANGED: Readonly<Record<string, () => unknown>> = {
  'a Date': () => new Date(0),
  'an instance of a class': () => new Money(3, 'EUR'),
  'a Map': () => new Map([['a', 1]]),
  'members that are undefined': () => ({ a: undefined, b: [undefined, () => {}], c: 1 }),
  NaN: () => Number.NaN,
  Infinity: () => -Infinity,
  'minus zero': () => -0,
  'a toJSON': () => ({ toJSON: () => ({ shown: 1 }) }),
  'boxed text': () => Object('text'),
  'bytes in an object': () => ({ bytes: Buffer.from([1, 2]) }),
};

let subscriptions = 0;

@Controller()
class ValuesController {
  @MessagePattern('echo')
  echo(@Payload() value: unknown) {
    return value;
  }

  @MessagePattern('stream')
  stream(@Payload() values: unknown[]) {
    return from(values);
  }

  @MessagePattern('make')
  make(@Payload() name: string) {
    return CHANGED[name]?.();
  }

  @MessagePattern('view')
  view(@Payload() name: string) {
    return VIEWS[name]?.[0];
  }

  @MessagePattern('views')
  async *views(@Payload() name: string) {
    yield VIEWS[name]?.[0];
    yield VIEWS[name]?.[0];
  }

  @EventPattern('keep')
  keep(@Payload() data: unknown) {
    heard = data;
  }

  @MessagePattern('nothing')
  nothing() {}

  @MessagePattern('function')
  function() {
    return () => 'a function';
  }

  @MessagePattern('empty')
  empty() {
    return EMPTY;
  }

  @MessagePattern('cold')
  cold() {
    return defer(() => of(++subscriptions));
  }
}

let heard: unknown;
let both: Parity;

beforeAll(async () => {
  both = await serveBoth({ controllers: [ValuesController] });
});

afterAll(() => both[Symbol.asyncDispose]());

test.each<[what: string, value: unknown]>([
  ['a number', 42.5],
  ['a large number', 2 ** 53 + 2],
  ['a tiny number', Number.MIN_VALUE],
  ['zero', 0],
  ['true', true],
  ['false', false],
  ['text', 'text'],
  ['no text', ''],
  ['text that looks like JSON', '{"a":1}'],
  ['text of many alphabets', 'grüße 🌍 \u0000 \u2028 \ud800'],
  ['long text', 'ab🌍'.repeat(200_000)],
  ['an object', { a: [1, { b: null, c: [] }], '': {} }],
  ['a large array', Array.from({ length: 50_000 }, (_, index) => ({ index }))],
  ['an empty object', {}],
  ['an empty array', []],
  ['nulls in an array', [null, [null]]],
  ['members that an envelope might have', { err: 1, response: 2, isDisposed: true, id: 'x' }],
  ['a member __proto__', JSON.parse('{"__proto__":{"polluted":1},"constructor":2}')],
])('%s survives both ways as over TCP', async (_what, value) => {
  expect(await both.outcome('echo', value)).toEqual({ values: [value] });
  expect(await both.outcome('stream', [value, value])).toEqual({ values: [value, value] });
});

test.each(Object.keys(CHANGED))('%s arrives as over TCP, as a result and as data', async (name) => {
  const expected: unknown = JSON.parse(JSON.stringify(CHANGED[name]?.()));
  const result = await outcomeOf(both.freelance, 'make', name);
  expect(result).toEqual({ values: [expected] });
  if (expected === null) return;
  expect(await both.outcome('make', name)).toEqual(result);
  expect(await both.outcome('echo', CHANGED[name]?.())).toEqual(result);
});

test('null is a value of a stream', async () => {
  expect(await both.outcome('stream', [null, 1, null])).toEqual({ values: [null, 1, null] });
});

test.each(['nothing', 'function'])(
  'a handler that returns %s yields undefined once, while TCP yields no value',
  async (pattern) => {
    expect(await both.outcomes(pattern)).toStrictEqual({
      tcp: { values: [] },
      freelance: { values: [undefined] },
    });
  },
);

test('an empty stream yields no value', async () => {
  expect(await both.outcome('empty')).toEqual({ values: [] });
});

const MEMORY = Buffer.from([0, 1, 0xfe, 0xff, 4, 5, 6, 7]);
const bytesOf = (view: ArrayBufferView) =>
  Buffer.from(view.buffer, view.byteOffset, view.byteLength);

/** Longer than libzmq copies, at the end of a larger buffer. */
const LARGE = new Float64Array(new ArrayBuffer(8 * 1000), 8).map((_, index) => index / 3);

const SHARED = new Uint8Array(new SharedArrayBuffer(1000)).fill(7);

const VIEWS: Readonly<Record<string, readonly [given: unknown, bytes: Buffer]>> = {
  'a Buffer': [MEMORY, MEMORY],
  'a Uint8Array': [new Uint8Array(MEMORY), MEMORY],
  'a Float32Array': [new Float32Array([1.5, -2]), bytesOf(new Float32Array([1.5, -2]))],
  'a large Float64Array': [LARGE, bytesOf(LARGE)],
  BigInts: [new BigUint64Array([1n]), bytesOf(new BigUint64Array([1n]))],
  'a DataView': [new DataView(Uint8Array.from(MEMORY).buffer, 2, 3), MEMORY.subarray(2, 5)],
  'an ArrayBuffer': [Uint8Array.from(MEMORY).buffer, MEMORY],
  'shared memory': [SHARED.buffer, Buffer.alloc(1000, 7)],
  'a view of shared memory': [SHARED.subarray(3), Buffer.alloc(997, 7)],
  'no bytes': [new ArrayBuffer(0), Buffer.alloc(0)],
};

test.each(Object.keys(VIEWS))(
  '%s arrives as a Buffer, as data, as a result, in a stream and in an event',
  async (name) => {
    const [given, bytes] = VIEWS[name] ?? [];
    const arrives = async (pattern: string, data: unknown, values: unknown[]) => {
      const outcome = await outcomeOf(both.freelance, pattern, data);
      expect(outcome).toStrictEqual({ values });
      for (const value of outcome.values) expect(Buffer.isBuffer(value)).toBe(true);
    };
    await arrives('echo', given, [bytes]);
    await arrives('view', name, [bytes]);
    await arrives('views', name, [bytes, bytes]);
    heard = undefined;
    await lastValueFrom(both.freelance.emit('keep', given));
    await eventually(() => expect(heard).toStrictEqual(bytes));
    expect(Buffer.isBuffer(heard)).toBe(true);
  },
);

test.each([null, undefined])('the data %s fails its call at once', async (data) => {
  const outcomes = [
    await outcomeOf(both.tcp, 'echo', data),
    await outcomeOf(both.freelance, 'echo', data),
  ];
  const error: unknown = expect.objectContaining({
    message: 'The invalid data or message pattern (undefined/null)',
  });
  expect(outcomes).toEqual([
    { values: [], error },
    { values: [], error },
  ]);
});

test('a call is made on subscription, and again for each subscriber', async () => {
  for (const client of [both.tcp, both.freelance]) {
    const before = subscriptions;
    const call = client.send<number>('cold', {}).pipe(toArray());
    expect(await lastValueFrom(call)).toEqual([before + 1]);
    expect(await lastValueFrom(call)).toEqual([before + 2]);
  }
});
