import { getEventListeners } from 'node:events';
import { expect, test, vi } from 'vitest';
import { onAbort } from '../../lib/nest/client/on-abort.js';

test('whoever aborts first is told, once', () => {
  const [one, other] = [new AbortController(), new AbortController()];
  const aborted = vi.fn<(by: AbortSignal) => void>();
  onAbort([one.signal, other.signal], aborted);
  other.abort();
  one.abort();
  expect(aborted.mock.calls).toEqual([[other.signal]]);
  for (const { signal } of [one, other]) expect(getEventListeners(signal, 'abort')).toEqual([]);
});

test('a signal that has aborted is told at once, and nobody listens', () => {
  const { signal } = new AbortController();
  const aborted = vi.fn<(by: AbortSignal) => void>();
  const early = AbortSignal.abort();
  onAbort([signal, early], aborted);
  expect(aborted.mock.calls).toEqual([[early]]);
  expect(getEventListeners(signal, 'abort')).toEqual([]);
});

test('what is let go of is not listened to', () => {
  const controller = new AbortController();
  const aborted = vi.fn<(by: AbortSignal) => void>();
  const forget = onAbort([controller.signal], aborted);
  expect(getEventListeners(controller.signal, 'abort')).toHaveLength(1);
  forget();
  expect(getEventListeners(controller.signal, 'abort')).toEqual([]);
  controller.abort();
  expect(aborted).not.toHaveBeenCalled();
});

test('who waits for the same signal shares a listener, and leaves it to the others', () => {
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

test('one that hears of it may let go of the others', () => {
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
