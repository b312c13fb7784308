import { describe, expect, test } from 'vitest';
import {
  addsLoad,
  afterFailure,
  type AttemptFailure,
  type CallHistory,
  staysOpenUntil,
} from '../../lib/core/retry.js';

const failures: AttemptFailure[] = ['undelivered', 'refused', 'lost', 'timed-out'];

const history = (handedOver: number, answered = false): CallHistory => ({
  handedOver,
  answered,
  losses: 0,
});
const idempotent = { maxAttempts: 3, idempotent: true, elsewhere: true };
const atMostOnce = { maxAttempts: 3, idempotent: false, elsewhere: true };

describe('a call that did not run', () => {
  test.each([
    ['undelivered', 'idempotent', 0, idempotent],
    ['undelivered', 'not idempotent', 0, atMostOnce],
    ['refused', 'idempotent', 0, idempotent],
    ['refused', 'not idempotent', 0, atMostOnce],
    ['undelivered', 'out of attempts', 3, idempotent],
    ['refused', 'out of attempts', 3, idempotent],
  ] as const)('and was %s, though %s, is tried elsewhere', (failure, _, handedOver, policy) => {
    expect(afterFailure(failure, history(handedOver), policy)).toBe('retry');
  });
});

describe('a call that may have run', () => {
  test.each([
    ['lost', 1, 'retry'],
    ['lost', 2, 'retry'],
    ['lost', 3, 'ECONNRESET'],
    ['lost', 4, 'ECONNRESET'],
    ['timed-out', 1, 'retry'],
    ['timed-out', 2, 'retry'],
    ['timed-out', 3, 'ETIMEDOUT'],
  ] as const)('if idempotent and %s after %d of 3 attempts: %s', (failure, handedOver, verdict) => {
    expect(afterFailure(failure, history(handedOver), idempotent)).toBe(verdict);
  });

  test.each([
    ['lost', 'ECONNRESET'],
    ['timed-out', 'ETIMEDOUT'],
  ] as const)('if not idempotent and %s is never tried again: %s', (failure, verdict) => {
    expect(afterFailure(failure, history(1), atMostOnce)).toBe(verdict);
    expect(afterFailure(failure, history(0), atMostOnce)).toBe(verdict);
  });

  test('with one attempt in all is not tried again', () => {
    const once = { maxAttempts: 1, idempotent: true, elsewhere: true };
    expect(afterFailure('lost', history(1), once)).toBe('ECONNRESET');
    expect(afterFailure('timed-out', history(1), once)).toBe('ETIMEDOUT');
  });
});

describe('a call for one server alone, which another could not answer', () => {
  test.each([
    ['undelivered', 'ECONNREFUSED'],
    ['refused', 'OVERLOADED'],
    ['lost', 'ECONNRESET'],
    ['timed-out', 'ETIMEDOUT'],
  ] as const)('is never tried again, though idempotent: %s is %s', (failure, code) => {
    const here = { maxAttempts: 3, idempotent: true, elsewhere: false };
    expect(afterFailure(failure, history(0), here)).toBe(code);
    expect(afterFailure(failure, history(1), here)).toBe(code);
    expect(afterFailure(failure, history(1, true), here)).toBe('STREAM_BROKEN');
  });
});

test.each(failures)('a stream whose next attempt is %s is broken, never restarted', (failure) => {
  expect(afterFailure(failure, history(1, true), idempotent)).toBe('STREAM_BROKEN');
  expect(afterFailure(failure, history(1, true), atMostOnce)).toBe('STREAM_BROKEN');
});

test.each([
  ['undelivered', 0, false],
  ['undelivered', 5, false],
  ['refused', 0, false],
  ['refused', 5, false],
  ['lost', 1, false],
  ['lost', 2, true],
  ['lost', 3, true],
  ['timed-out', 0, true],
  ['timed-out', 1, true],
] as const)(
  'whether an attempt after one %s, and %d losses, adds load: %s',
  (failure, losses, adds) => {
    expect(addsLoad(failure, { ...history(1), losses })).toBe(adds);
  },
);

test.each([
  ['the first', 0, 0, Infinity, 900],
  ['the second, sent after the time of one', 0, 300, Infinity, 900],
  ['one that was sent when the time of all was over', 0, 1000, Infinity, 1300],
  ['one of a call with a deadline that is longer', 0, 0, 5000, 5000],
  ['one of a call with a deadline that is shorter', 0, 0, 500, 500],
])('an attempt without an answer stays open: %s', (_, firstAt, latestAt, deadlineAt, until) => {
  const policy = { requestTimeout: 300, maxAttempts: 3 };
  expect(staysOpenUntil({ firstAt, latestAt, deadlineAt }, policy)).toBe(until);
});
