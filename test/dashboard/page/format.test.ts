import { expect, test } from 'vitest';
import { amount, duration, percent, span } from '../../../lib/dashboard/page/format.js';

test.each([
  [0, '0'],
  [0.04, '<0.1'],
  [3, '3'],
  [3.14, '3.1'],
  [12.6, '13'],
  [12_345, '12,345'],
])('the amount %d is written as %s', (value, text) => {
  expect(amount(value)).toBe(text);
});

test.each([
  [undefined, '–'],
  [0.123, '0.12\u202Fms'],
  [4.56, '4.6\u202Fms'],
  [999.4, '999\u202Fms'],
  [1234, '1.2\u202Fs'],
  [12_345, '12\u202Fs'],
])('the duration %d is written as %s', (ms, text) => {
  expect(duration(ms)).toBe(text);
});

test.each([
  [0, 0, '–'],
  [1, 0, '100\u202F%'],
  [0, 10, '0\u202F%'],
  [1, 10_000, '<\u202F0.1\u202F%'],
  [1, 30, '3.3\u202F%'],
  [3, 4, '75\u202F%'],
  [5, 4, '100\u202F%'],
])('%d of %d is written as %s', (part, whole, text) => {
  expect(percent(part, whole)).toBe(text);
});

test.each([
  [0, '0\u202Fs'],
  [59_400, '59\u202Fs'],
  [60_000, '1\u202Fmin'],
  [130_000, '2\u202Fmin 10\u202Fs'],
])('a span of %d ms is written as %s', (ms, text) => {
  expect(span(ms)).toBe(text);
});
