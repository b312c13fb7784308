import { FreelanceError, FreelanceRecordBuilder, type HedgeOptions } from 'nestjs-freelance';
import { expect, test } from 'vitest';
import { callRequest } from '../../lib/nest/client/call-request.js';
import { resolveClientOptions } from '../../lib/nest/options/client-options.js';

const hedged = (options: HedgeOptions) => new FreelanceRecordBuilder(1).setHedge(options);

test('gathers what one call wants', () => {
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

test('what was built does not change with its builder', () => {
  const builder = new FreelanceRecordBuilder('x').setTimeout(1);
  const first = builder.build();
  builder.setTimeout(2);
  expect(first.options).toEqual({ timeout: 1 });
});

test.each([
  ['no time', () => new FreelanceRecordBuilder(1).setTimeout(0), 'at least 1 ms, but got 0'],
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
])('refuses %s', (_what, build, message) => {
  expect(build).toThrow(FreelanceError);
  expect(build).toThrow(message);
});

test('a hedge goes to one more server unless more are named', () => {
  expect(hedged({ after: 50 }).build().options).toEqual({ hedge: { after: 50, max: 1 } });
  expect(hedged({ after: 0, max: Infinity }).build().options).toEqual({
    hedge: { after: 0, max: Infinity },
  });
});

test.each([
  ['by its record', true, hedged({ after: 50 }).setIdempotent(false)],
  ['by the client', false, hedged({ after: 50 })],
])('a call that is not idempotent, %s, is not hedged', (_by, idempotent, builder) => {
  const { calls } = resolveClientOptions({ endpoints: 'tcp://10.0.0.1:5555', idempotent });
  const packet = { pattern: 'charge', data: 1 };
  const make = () => callRequest('request', packet, builder.build().options, calls);
  expect(make).toThrow(expect.objectContaining({ code: 'BAD_OPTIONS' }));
  expect(make).toThrow('The call "charge" was not made: it has setHedge');
  expect(() =>
    callRequest('request', packet, builder.setBroadcast().build().options, calls),
  ).not.toThrow();
});
