import {
  type FreelanceCallOptions,
  FreelanceError,
  FreelanceRecord,
  FreelanceRecordBuilder,
  type HedgeOptions,
} from 'nestjs-freelance';
import { expect, test } from 'vitest';
import { recordOf } from '../../../lib/nest/client/call-options.js';
import { callRequest } from '../../../lib/nest/client/call-request.js';
import { resolveClientOptions } from '../../../lib/nest/options/client-options.js';

/** As JavaScript has it. */
const loose = new FreelanceRecordBuilder(1) as unknown as Record<
  Exclude<keyof FreelanceRecordBuilder<number>, 'build'>,
  (value: unknown) => unknown
>;

const hedged = (options: HedgeOptions) => new FreelanceRecordBuilder(1).setHedge(options);

test('a builder gathers the options of one call', () => {
  const metadata = { tenant: 'x' };
  const record = new FreelanceRecordBuilder([1])
    .setMetadata(metadata)
    .setTimeout(800)
    .setMaxAttempts(5)
    .setIdempotent(false)
    .build();
  metadata.tenant = 'changed afterwards';
  expect(record).toEqual({
    data: [1],
    options: { metadata: { tenant: 'x' }, timeout: 800, maxAttempts: 5, idempotent: false },
  });
});

test('an unfinished builder is refused as data', () => {
  const builder = new FreelanceRecordBuilder('x').setIdempotent(false);
  expect(() => recordOf(builder)).toThrow('call its build()');
  expect(recordOf(builder.build()).options).toEqual({ idempotent: false });
  expect(recordOf('x')).toEqual({ data: 'x', options: {} });
});

test('a record does not change with its builder', () => {
  const builder = new FreelanceRecordBuilder('x').setTimeout(1);
  const first = builder.build();
  builder.setTimeout(2);
  expect(first.options).toEqual({ timeout: 1 });
});

test.each([
  [
    'no time',
    () => new FreelanceRecordBuilder(1).setTimeout(0),
    'at least 1 ms and at most 9007199254740991, or Infinity for none, but got 0',
  ],
  ['not a number', () => new FreelanceRecordBuilder(1).setTimeout(NaN), 'but got NaN'],
  ['no attempts', () => new FreelanceRecordBuilder(1).setMaxAttempts(0), 'but got 0'],
  [
    'a hedge before the call',
    () => hedged({ after: -1 }),
    'an `after` of at least 0 ms, but got -1',
  ],
  ['a hedge that never goes out', () => hedged({ after: Infinity }), 'but got Infinity'],
  [
    'no hedge at all',
    () => hedged({ after: 0, max: 0 }),
    '`max`, at least 1, or Infinity, but got 0',
  ],
  ['half a hedge', () => hedged({ after: 0, max: 1.5 }), 'but got 1.5'],
  ['an empty key', () => new FreelanceRecordBuilder(1).setRoutingKey(''), 'not empty, but got ""'],
  [
    'a key that is a number',
    () => new FreelanceRecordBuilder(1).setRoutingKey(42 as never),
    'setRoutingKey takes a string that is not empty, but got 42',
  ],
  ['half an attempt', () => new FreelanceRecordBuilder(1).setMaxAttempts(1.5), 'but got 1.5'],
  [
    'a time that no header can say',
    () => new FreelanceRecordBuilder(1).setTimeout(1e16),
    'setTimeout takes a number of at least 1 ms and at most 9007199254740991, or Infinity for none, but got 10000000000000000.',
  ],
  ['a time of text', () => loose.setTimeout('500'), 'but got "500"'],
  ['attempts of text', () => loose.setMaxAttempts('3'), 'but got "3"'],
  [
    'a hedge of text',
    () => loose.setHedge({ after: '50' }),
    '`after` of at least 0 ms, but got "50"',
  ],
  ['a bare hedge', () => loose.setHedge(50), '`after` of at least 0 ms, but got undefined'],
  ['a hedge of null', () => loose.setHedge(null), 'but got undefined'],
  ['an idempotence of text', () => loose.setIdempotent('no'), 'takes true or false, but got "no"'],
  ['an idempotence that is missing', () => loose.setIdempotent(undefined), 'but got undefined'],
  ['a broadcast of text', () => loose.setBroadcast('all'), 'takes true or false, but got "all"'],
  [
    'metadata in a Map',
    () => loose.setMetadata(new Map([['tenant', 'x']])),
    'an object whose values are strings, but got an object of the class Map',
  ],
  ['metadata that is text', () => loose.setMetadata('x'), 'but got a string.'],
  ['no metadata', () => loose.setMetadata(null), 'but got null'],
  ['a list of metadata', () => loose.setMetadata(['x']), 'but got a list'],
  [
    'metadata of numbers, without showing its values',
    () => loose.setMetadata({ a: 'secret', tenant: 42 }),
    /strings, but got one whose "tenant" is a number\.$/u,
  ],
  ['a signal that is none', () => loose.setSignal({}), 'takes an AbortSignal, but got an object'],
  ['a controller', () => loose.setSignal(new AbortController()), 'the class AbortController'],
  ['a parent that is none', () => loose.setParent({}), 'by @Ctx(), but got an object'],
  ['no parent', () => loose.setParent(undefined), 'by @Ctx(), but got undefined'],
])('refuses %s', (_what, build, message) => {
  expect(build).toThrow(FreelanceError);
  expect(build).toThrow(message);
});

test('undefined members of metadata and hedges are left out', () => {
  const metadata = { a: '1', b: undefined } as unknown as Record<string, string>;
  const { options } = new FreelanceRecordBuilder(1)
    .setMetadata(metadata)
    .setHedge({ after: 1, max: undefined })
    .setBroadcast(undefined)
    .build();
  expect(options).toMatchObject({ hedge: { after: 1, max: 1 }, broadcast: true });
  const { calls } = resolveClientOptions({ endpoints: 'tcp://10.0.0.1:5555' });
  const request = callRequest('request', { pattern: 'x', data: 1 }, options, calls, NO_BOUND);
  expect(JSON.stringify(request.metadata)).toBe('{"a":"1"}');
});

test('options of a record that are not an object are refused', () => {
  const options = new Map([['idempotent', false]]) as FreelanceCallOptions;
  expect(() => new FreelanceRecord('x', options)).toThrow(
    'its options must be an object, but are an object of the class Map',
  );
});

test('the longest timeout that headers can hold is accepted', () => {
  const { options } = new FreelanceRecordBuilder(1).setTimeout(Number.MAX_SAFE_INTEGER).build();
  expect(options.timeout).toBe(Number.MAX_SAFE_INTEGER);
  expect(new FreelanceRecordBuilder(1).setTimeout(Infinity).build().options.timeout).toBe(Infinity);
});

test('a context that a test of a handler makes is accepted as a parent', () => {
  const parent = { getDeadline: () => undefined, getMetadata: () => ({}) };
  expect(() => loose.setParent(parent)).not.toThrow();
});

test('a hedge goes to one more server by default', () => {
  expect(hedged({ after: 50 }).build().options).toEqual({ hedge: { after: 50, max: 1 } });
  expect(hedged({ after: 0, max: Infinity }).build().options).toEqual({
    hedge: { after: 0, max: Infinity },
  });
});

const NO_BOUND = { timeout: Infinity };

test.each([
  ['by its record', true, hedged({ after: 50 }).setIdempotent(false)],
  ['by the client', false, hedged({ after: 50 })],
])('a call that is not idempotent, %s, is refused a hedge', (_by, idempotent, builder) => {
  const { calls } = resolveClientOptions({ endpoints: 'tcp://10.0.0.1:5555', idempotent });
  const packet = { pattern: 'charge', data: 1 };
  const make = () => callRequest('request', packet, builder.build().options, calls, NO_BOUND);
  expect(make).toThrow(expect.objectContaining({ code: 'BAD_OPTIONS' }));
  expect(make).toThrow('The call "charge" was not made: it has setHedge');
  expect(() =>
    callRequest('request', packet, builder.setBroadcast().build().options, calls, NO_BOUND),
  ).not.toThrow();
});
