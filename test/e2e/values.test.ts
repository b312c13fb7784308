import { Controller } from '@nestjs/common';
import { MessagePattern, Payload } from '@nestjs/microservices';
import { defer, EMPTY, from, lastValueFrom, of, toArray } from 'rxjs';
import { afterAll, beforeAll, expect, test } from 'vitest';
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

/** Values that JSON changes: what arrives is what JSON makes of them. */
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
  'a handler that returns %s yields one undefined, where TCP yields no value',
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

test('bytes arrive as a Buffer, where TCP makes an object of them', async () => {
  const bytes = Buffer.from([0, 1, 0xfe, 0xff]);
  for (const value of [bytes, new Uint8Array(bytes)]) {
    const { values } = await outcomeOf(both.freelance, 'echo', value);
    expect(values).toStrictEqual([bytes]);
    expect(Buffer.isBuffer(values[0])).toBe(true);
  }
});

test.each([null, undefined])('%s is no data: the call fails at once', async (data) => {
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

test('a call is made when it is subscribed to, and again for each subscriber', async () => {
  for (const client of [both.tcp, both.freelance]) {
    const before = subscriptions;
    const call = client.send<number>('cold', {}).pipe(toArray());
    expect(await lastValueFrom(call)).toEqual([before + 1]);
    expect(await lastValueFrom(call)).toEqual([before + 2]);
  }
});
