import { describe, expect, test } from 'vitest';
import { Hedging } from '../../lib/core/hedging.js';

/** A call that was sent at 100. */
const sentAt100 = (policy: { after: number; max: number }) => {
  const hedging = new Hedging(policy);
  hedging.sent(false, 100);
  return hedging;
};

test('nothing is due before the call was sent', () => {
  expect(new Hedging({ after: 0, max: 3 }).isDue(1e9)).toBe(false);
});

test('each goes out `after` the one before, until `max` have', () => {
  const hedging = sentAt100({ after: 50, max: 2 });
  expect(hedging.isDue(149)).toBe(false);
  expect(hedging.isDue(150)).toBe(true);
  hedging.sent(true, 160);
  expect(hedging.dueAt).toBe(210);
  hedging.sent(true, 210);
  expect(hedging.dueAt).toBe(Infinity);
});

test('all are due at once where there is nothing to wait for', () => {
  const hedging = sentAt100({ after: 0, max: Infinity });
  expect(hedging.isDue(100)).toBe(true);
  hedging.sent(true, 100);
  expect(hedging.isDue(100)).toBe(true);
});

describe('where no server could have it', () => {
  test('the next one waits again', () => {
    const hedging = sentAt100({ after: 50, max: 1 });
    hedging.postpone(150);
    expect(hedging.dueAt).toBe(200);
  });

  test('what was to be sent at once is not sent later', () => {
    const hedging = sentAt100({ after: 0, max: 1 });
    hedging.postpone(100);
    expect(hedging.dueAt).toBe(Infinity);
  });
});

test('an attempt that fails is replaced at once, unless none is left', () => {
  const hedging = sentAt100({ after: 50, max: 1 });
  hedging.hasten(110);
  expect(hedging.isDue(110)).toBe(true);
  hedging.sent(true, 110);
  hedging.hasten(120);
  expect(hedging.dueAt).toBe(Infinity);
});
