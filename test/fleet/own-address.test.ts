import { expect, test } from 'vitest';
import { reachesOwn } from '../../lib/fleet/own-address.js';

test.each([
  ['tcp://127.0.0.1:5555', 'tcp://127.0.0.1:5555', true],
  ['tcp://127.0.0.1:5555', 'tcp://0.0.0.0:5555', true],
  ['tcp://localhost:5555', 'tcp://[::]:5555', true],
  ['tcp://127.0.0.1:5556', 'tcp://0.0.0.0:5555', false],
  // Of TEST-NET-1 (RFC 5737): no machine has it.
  ['tcp://192.0.2.1:5555', 'tcp://0.0.0.0:5555', false],
  ['tcp://127.0.0.1:5555', 'tcp://192.0.2.1:5555', false],
  ['inproc://a', 'inproc://a', true],
  ['inproc://b', 'inproc://a', false],
])('a client that calls %s reaches what is bound to %s: %s', (called, bound, reaches) => {
  expect(reachesOwn(called, bound)).toBe(reaches);
});
