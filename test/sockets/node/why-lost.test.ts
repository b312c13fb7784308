import { expect, test } from 'vitest';
import { whyDialFailed } from '../../../lib/sockets/node/why-lost.js';

const tries = (count: number, reasonOf = (_n: number) => 'refused') =>
  Array.from({ length: count }, (_, n) => ({ name: `a${n}`, failure: { reason: reasonOf(n) } }));

test('a reason names a few of many addresses', () => {
  expect(whyDialFailed(tries(2)).reason).toBe('refused (tried a0, a1)');
  expect(whyDialFailed(tries(4000)).reason).toBe(
    'refused (tried a0, a1, a2, a3, a4, a5, a6, a7 and 3992 more)',
  );
});

test('a reason names a few of many addresses with different reasons', () => {
  const reason = (n: number) => `no ${n}`;
  expect(whyDialFailed(tries(2, reason)).reason).toBe('a0: no 0; a1: no 1');
  expect(whyDialFailed(tries(4000, reason)).reason).toMatch(
    /^a0: no 0; .*; a7: no 7; and 3992 more$/,
  );
});
