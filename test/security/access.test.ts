import { expect, test } from 'vitest';
import { Access } from '../../lib/security/access.js';

test('who is in the list is authorized, and nobody else', () => {
  const access = new Access(['alice']);
  expect(access.of('alice')).toBe('authorized');
  expect(access.of('bob')).toBe('unknown');
});

test('who is revoked is so until it is authorized', () => {
  const access = new Access(['alice']);
  access.revoke('alice');
  expect(access.of('alice')).toBe('revoked');
  access.authorize('alice');
  expect(access.of('alice')).toBe('authorized');
});

test('who is pardoned is unknown: that it was in the list is over', () => {
  const access = new Access(['alice']);
  access.revoke('alice');
  access.pardon('alice');
  expect(access.of('alice')).toBe('unknown');
});
