import { getEventListeners } from 'node:events';
import { expect, test, vi } from 'vitest';
import { onAbort } from '../../../lib/nest/client/on-abort.js';

test('the signal that aborts first is told, once', () => {
  const [one, other] = [new AbortController(), new AbortController()];
  const aborted = vi.fn<(by: AbortSignal) => void>();
  onAbort([one.signal, other.signal], aborted);
  other.abort();
  one.abort();
  expect(aborted.mock.calls).toEqual([[other.signal]]);
  for (const { signal } of [one, other]) expect(getEventListeners(signal, 'abort')).toEqual([]);
});

test('an aborted signal is told at once, and no listener is left', () => {
  const { signal } = new AbortController();
  const aborted = vi.fn<(by: AbortSignal) => void>();
  const early = AbortSignal.abort();
  onAbort([signal, early], aborted);
  expect(aborted.mock.calls).toEqual([[early]]);
  expect(getEventListeners(signal, 'abort')).toEqual([]);
});

test('signals have no listener any more once they are released', () => {
  const controller = new AbortController();
  const aborted = vi.fn<(by: AbortSignal) => void>();
  const forget = onAbort([controller.signal], aborted);
  expect(getEventListeners(controller.signal, 'abort')).toHaveLength(1);
  forget();
  expect(getEventListeners(controller.signal, 'abort')).toEqual([]);
  controller.abort();
  expect(aborted).not.toHaveBeenCalled();
});

test('calls with the same signal share one listener, which stays until the last leaves', () => {
  const controller = new AbortController();
  const told: number[] = [];
  const forgets = Array.from({ length: 20 }, (_, n) =>
    onAbort([controller.signal], () => told.push(n)),
  );
  expect(getEventListeners(controller.signal, 'abort')).toHaveLength(1);
  for (const forget of forgets.slice(2)) forget();
  controller.abort();
  expect(told).toEqual([0, 1]);
  expect(getEventListeners(controller.signal, 'abort')).toEqual([]);
});

test('a call that is told of an abort may release the other calls', () => {
  const controller = new AbortController();
  const told: string[] = [];
  onAbort([controller.signal], () => {
    told.push('first');
    forget();
  });
  const forget = onAbort([controller.signal], () => told.push('second'));
  controller.abort();
  expect(told).toEqual(['first']);
});
