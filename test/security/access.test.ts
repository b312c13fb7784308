import { expect, test } from 'vitest';
import { Access } from '../../lib/security/access.js';

test('only names in the list are authorized', () => {
  const access = new Access(['alice']);
  expect(access.of('alice')).toBe('authorized');
  expect(access.of('bob')).toBe('unknown');
});

test('a revoked name stays revoked until it is authorized', () => {
  const access = new Access(['alice']);
  access.revoke('alice');
  expect(access.of('alice')).toBe('revoked');
  access.authorize('alice');
  expect(access.of('alice')).toBe('authorized');
});

test('a pardoned name is unknown, even if it was in the list', () => {
  const access = new Access(['alice']);
  access.revoke('alice');
  access.pardon('alice');
  expect(access.of('alice')).toBe('unknown');
});
