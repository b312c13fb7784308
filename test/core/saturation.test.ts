import { expect, test } from 'vitest';
import { Saturation } from '../../lib/core/saturation.js';

const refusalsAt = (...moments: number[]) => {
  const saturation = new Saturation(100);
  return moments.map((now) => saturation.refused(now));
};

test('refusals within the time of a burst are a burst', () => {
  expect(refusalsAt(0, 50, 100)).toEqual([false, false, false]);
});

test('refusals that go on longer are an overload', () => {
  expect(refusalsAt(0, 60, 101, 150, 250)).toEqual([false, false, true, true, true]);
});

test('refusals after a pause of that length are a burst again', () => {
  expect(refusalsAt(0, 90, 180, 281, 300)).toEqual([false, false, true, false, false]);
});
