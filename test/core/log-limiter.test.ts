import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { LogLimiter } from '../../lib/core/log-limiter.js';

fc.configureGlobal({ seed: 17 });

const limits = { burst: 3, interval: 1000, maxKinds: 2 };

describe('entries of one kind', () => {
  test('are logged in a burst, then one per interval', () => {
    const limiter = new LogLimiter(limits);
    const admitted = Array.from({ length: 5 }, () => limiter.admit('a', 0));
    expect(admitted).toEqual([0, 0, 0, undefined, undefined]);
    expect(limiter.admit('a', 999)).toBeUndefined();
    expect(limiter.admit('a', 1000)).toBe(3);
    expect(limiter.admit('a', 1999)).toBeUndefined();
  });

  test('report suppressed ones even after many other kinds, while there is room', () => {
    const limiter = new LogLimiter(limits);
    for (let entry = 0; entry < 5; entry++) limiter.admit('a', 0);
    limiter.admit('b', 1e6);
    expect(limiter.admit('a', 1e6)).toBe(2);
  });

  test('report suppressed ones once', () => {
    const limiter = new LogLimiter({ burst: 1, interval: 1000 });
    for (let entry = 0; entry < 10; entry++) limiter.admit('a', 0);
    expect(limiter.admit('a', 1000)).toBe(9);
    expect(limiter.admit('a', 2000)).toBe(0);
  });

  test('may burst again after a long silence, but no more than that', () => {
    const limiter = new LogLimiter(limits);
    for (let entry = 0; entry < 5; entry++) limiter.admit('a', 0);
    const admitted = Array.from({ length: 4 }, () => limiter.admit('a', 1e9));
    expect(admitted).toEqual([2, 0, 0, undefined]);
  });

  test('never exceed the burst plus one per interval, at any rate', () => {
    fc.assert(
      fc.property(fc.array(fc.nat(5000)), (pauses) => {
        const limiter = new LogLimiter(limits);
        let now = 0;
        let logged = 0;
        for (const pause of pauses) {
          now += pause;
          if (limiter.admit('a', now) !== undefined) logged++;
          expect(logged).toBeLessThanOrEqual(3 + now / 1000);
        }
      }),
    );
  });

  test('are each logged, or counted with one that is', () => {
    fc.assert(
      fc.property(fc.array(fc.nat(2000)), (pauses) => {
        const limiter = new LogLimiter(limits);
        let now = 0;
        let told = 0;
        for (const pause of pauses) told += (limiter.admit('a', (now += pause)) ?? -1) + 1;
        told += limiter.admit('a', now + 1e6) ?? Number.NaN;
        expect(told).toBe(pauses.length);
      }),
    );
  });
});

describe('several kinds', () => {
  test('have separate allowances', () => {
    const limiter = new LogLimiter(limits);
    for (let entry = 0; entry < 5; entry++) limiter.admit('a', 0);
    expect(limiter.admit('b', 0)).toBe(0);
  });

  test('share one allowance beyond the bound', () => {
    const limiter = new LogLimiter(limits);
    limiter.admit('a', 0);
    limiter.admit('b', 0);
    const admitted = Array.from({ length: 100 }, (_, kind) => limiter.admit(`c${kind}`, 0));
    expect(admitted.filter((entry) => entry !== undefined)).toEqual([0, 0, 0]);
  });

  test('make room for a new one by dropping a quiet one', () => {
    const limiter = new LogLimiter(limits);
    limiter.admit('a', 0);
    limiter.admit('b', 0);
    for (let entry = 0; entry < 5; entry++) limiter.admit('c', 0);
    expect(limiter.admit('d', 1000)).toBe(0);
    expect(limiter.admit('d', 1000)).toBe(0);
  });

  test('do not make room by dropping a limited one', () => {
    const limiter = new LogLimiter({ ...limits, maxKinds: 1 });
    for (let entry = 0; entry < 5; entry++) limiter.admit('a', 0);
    limiter.admit('b', 1);
    expect(limiter.admit('a', 1)).toBeUndefined();
  });
});
