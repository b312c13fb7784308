import { expect, test } from 'vitest';
import { FreelanceContext } from '../../../lib/nest/server/freelance-context.js';
import { FakeCall } from '../../support/careless.js';

const SCOPE = { signal: new AbortController().signal };

function contextOf(remaining: number): FreelanceContext {
  const request = { ...new FakeCall().request, remaining: () => remaining };
  return new FreelanceContext(request, 'p', SCOPE);
}

test('getDeadline() is undefined for a call without a deadline', () => {
  expect(contextOf(Infinity).getDeadline()).toBeUndefined();
});

test('getDeadline() is a time of this machine’s clock', () => {
  const before = Date.now();
  const deadline = contextOf(500).getDeadline() ?? 0;
  expect(deadline).toBeGreaterThanOrEqual(before + 500);
  expect(deadline).toBeLessThanOrEqual(Date.now() + 500);
});

test('without a handler for failures of listeners the signal is the call’s own', () => {
  expect(contextOf(1).signal).toBe(SCOPE.signal);
});
