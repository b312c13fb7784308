import { describe, expect, test } from 'vitest';
import { Hedging, NO_HEDGES } from '../../lib/core/hedging.js';

/** A call that was sent at 100. */
const sentAt100 = (policy: { after: number; max: number }) => {
  const hedging = new Hedging(policy);
  hedging.sent(false, 100);
  return hedging;
};

test('nothing is due before the call was sent', () => {
  expect(new Hedging(NO_HEDGES).isRescue).toBe(false);
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

describe('for a server that fell silent', () => {
  /** A call that was sent at 100, and whose server was found to be silent at 120. */
  const rescued = (policy: { after: number; max: number }) => {
    const hedging = sentAt100(policy);
    hedging.rescue(121);
    return hedging;
  };

  test('one is sent, also of a call that is not to be hedged', () => {
    const hedging = rescued(NO_HEDGES);
    expect(hedging.isRescue).toBe(true);
    expect([hedging.isDue(120), hedging.isDue(121)]).toEqual([false, true]);
    hedging.sent(true, 121);
    expect([hedging.isRescue, hedging.dueAt]).toEqual([false, Infinity]);
  });

  test('it is none of those that the policy allows', () => {
    const hedging = rescued({ after: 50, max: 1 });
    hedging.sent(true, 121);
    expect(hedging.dueAt).toBe(171);
    hedging.sent(true, 171);
    expect(hedging.dueAt).toBe(Infinity);
  });

  test('where no other server could have it, it is tried again a quarter of a second later', () => {
    const hedging = rescued({ after: 0, max: 0 });
    hedging.postpone(130);
    expect([hedging.isRescue, hedging.dueAt]).toEqual([true, 380]);
  });

  test('an attempt that fails meanwhile does not hasten it', () => {
    const hedging = rescued({ after: 50, max: 1 });
    hedging.hasten(120);
    expect(hedging.dueAt).toBe(121);
  });

  test('it is not sent if the server was heard again: the others are, in their time', () => {
    const hedging = rescued({ after: 50, max: 1 });
    hedging.noRescue(125);
    expect([hedging.isRescue, hedging.dueAt]).toEqual([false, 175]);
    hedging.sent(true, 175);
    expect(hedging.dueAt).toBe(Infinity);
  });
});

test('a call that is to go nowhere else has none due, whatever fails', () => {
  const hedging = sentAt100({ after: 50, max: 3 });
  hedging.stop();
  expect(hedging.dueAt).toBe(Infinity);
  hedging.hasten(110);
  expect(hedging.dueAt).toBe(Infinity);
});
