import { expect, test } from 'vitest';
import { shownCount, shownMs, shownRate, shownShare } from '../../../lib/cli/top/numbers.js';

test('rates have no more digits than are read', () => {
  expect([0, 0.01, 0.4, 9.94, 9.96, 1234.4, 2_500_000].map(shownRate)).toEqual([
    '0',
    '<0.1',
    '0.4',
    '9.9',
    '10',
    '1,234',
    '2.5M',
  ]);
});

test('counts that a peer makes up take no more room than others', () => {
  expect([7, 1_234_567, 5e12, 1e300].map(shownCount)).toEqual(['7', '1.2M', '5.0T', '>999T']);
});

test('times have a unit, and what is not known is a dash', () => {
  expect([undefined, 0, 0.123, 5.21, 123.4, 999.9, 12_345].map(shownMs)).toEqual([
    '–',
    '0.00 ms',
    '0.12 ms',
    '5.2 ms',
    '123 ms',
    '1.0 s',
    '12.3 s',
  ]);
});

test('a share is not shown as none unless it is none', () => {
  expect([shownShare(0, 9), shownShare(1, 1000), shownShare(1, 8), shownShare(0, 0)]).toEqual([
    '0 %',
    '<1 %',
    '13 %',
    '0 %',
  ]);
});
