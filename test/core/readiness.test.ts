import { expect, test } from 'vitest';
import { Readiness } from '../../lib/core/readiness.js';

test('a server counts as ready at first, and the first PING triggers a check', () => {
  const readiness = new Readiness(1000);
  expect(readiness.isReady).toBe(true);
  expect(readiness.isStale(0)).toBe(true);
});

test.each([true, false])('a result of %s is valid for its time and then checked again', (is) => {
  const readiness = new Readiness(1000);
  readiness.checked(is, 500);
  expect(readiness.isReady).toBe(is);
  expect(readiness.isStale(500)).toBe(false);
  expect(readiness.isStale(1499)).toBe(false);
  expect(readiness.isStale(1500)).toBe(true);
});

test('a stale result is used until the next check', () => {
  const readiness = new Readiness(1000);
  readiness.checked(false, 0);
  expect(readiness.isStale(9000)).toBe(true);
  expect(readiness.isReady).toBe(false);
  readiness.checked(true, 9000);
  expect(readiness.isReady).toBe(true);
  expect(readiness.isStale(9999)).toBe(false);
});
