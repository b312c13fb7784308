import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { RetryBudget } from '../../lib/core/retry-budget.js';
import { fixSeed } from '../support/fix-seed.js';

fixSeed(17);

const withdrawAll = (budget: RetryBudget, now: number) => {
  let tokens = 0;
  while (tokens < 1e6 && budget.withdraw(now)) tokens++;
  return tokens;
};

describe('the defaults of finagle', () => {
  const usual = () => new RetryBudget({ ratio: 0.2, minPerSecond: 10 });

  test('a new client may retry as often as the minimum for ten seconds allows', () => {
    expect(withdrawAll(usual(), 0)).toBe(100);
  });

  test('a fifth of the calls of the last ten seconds is added', () => {
    const budget = usual();
    for (let call = 0; call < 1000; call++) budget.called(500);
    expect(budget.balance(600)).toBe(300);
    expect(budget.balance(10_500)).toBe(100);
  });

  test('a withdrawn token returns after ten seconds, not earlier', () => {
    const budget = usual();
    expect(withdrawAll(budget, 500)).toBe(100);
    expect(withdrawAll(budget, 9999)).toBe(0);
    expect(withdrawAll(budget, 10_000)).toBe(100);
  });

  test('a call at the very end of a slice counts in the next one', () => {
    const budget = usual();
    budget.called(999);
    for (let call = 0; call < 10; call++) budget.called(1000);
    expect(budget.balance(10_999)).toBe(102);
    expect(budget.balance(11_000)).toBe(100);
  });

  test('calls do not count twice after a pause longer than the window', () => {
    const budget = usual();
    for (let call = 0; call < 1000; call++) budget.called(0);
    budget.called(25_000);
    expect(budget.balance(25_000)).toBeCloseTo(100.2);
  });
});

test('a budget of zero allows no retry', () => {
  const budget = new RetryBudget({ ratio: 0, minPerSecond: 0 });
  budget.called(0);
  expect(budget.withdraw(0)).toBe(false);
});

test('an unbounded budget never runs out', () => {
  const budget = new RetryBudget({ ratio: 0, minPerSecond: Infinity });
  budget.called(0);
  expect(budget.withdraw(0)).toBe(true);
  expect(budget.withdraw(1e9)).toBe(true);
  expect(budget.balance(2e9)).toBe(Infinity);
});

/** Steps of time in ms, each with calls and an attempted retry. */
const steps = fc.array(fc.record({ after: fc.nat(3000), calls: fc.nat(50), retries: fc.nat(50) }), {
  maxLength: 100,
});

test('in any ten seconds, retries stay within the ratio of the calls of twenty seconds plus the minimum', () => {
  fc.assert(
    fc.property(steps, (taken) => {
      const budget = new RetryBudget({ ratio: 0.2, minPerSecond: 3 });
      const calls: number[] = [];
      const retries: number[] = [];
      let now = 0;
      for (const step of taken) {
        now += step.after;
        for (let call = 0; call < step.calls; call++) {
          budget.called(now);
          calls.push(now);
        }
        for (let retry = 0; retry < step.retries; retry++) {
          if (budget.withdraw(now)) retries.push(now);
        }
        // A slice of a second may expire up to a second early.
        const within = (times: number[], ms: number) => times.filter((at) => at > now - ms).length;
        expect(within(retries, 9000)).toBeLessThanOrEqual(30 + 0.2 * within(calls, 20_000));
        expect(budget.balance(now)).toBeGreaterThanOrEqual(0);
      }
    }),
  );
});

test('the balance equals the sum over the slices of the last ten seconds', () => {
  fc.assert(
    fc.property(steps, (taken) => {
      const budget = new RetryBudget({ ratio: 0.5, minPerSecond: 1 });
      const deposits: { slice: number; net: number }[] = [];
      let now = 0;
      for (const step of taken) {
        now += step.after;
        const slice = Math.floor(now / 1000);
        let net = 0;
        for (let call = 0; call < step.calls; call++) budget.called(now);
        net += step.calls * 0.5;
        for (let retry = 0; retry < step.retries; retry++) if (budget.withdraw(now)) net--;
        deposits.push({ slice, net });
        const sum = deposits.reduce((all, one) => all + (one.slice > slice - 10 ? one.net : 0), 0);
        expect(budget.balance(now)).toBeCloseTo(Math.max(10 + sum, 0));
      }
    }),
  );
});
