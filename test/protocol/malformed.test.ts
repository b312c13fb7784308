import { expect, test } from 'vitest';
import { isMalformed, malformed } from '../../lib/protocol/malformed.js';

test('a malformed message is recognized by its type and carries its reason', () => {
  const nonsense = malformed('unknown-command');
  expect(nonsense.reason).toBe('unknown-command');
  expect(isMalformed(nonsense)).toBe(true);
});

test.each([{}, { reason: 'invalid-json' }, { type: 'ping' }, []])(
  '%j is not malformed',
  (decoded) => {
    expect(isMalformed(decoded)).toBe(false);
  },
);
