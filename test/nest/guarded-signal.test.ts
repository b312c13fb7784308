/* oxlint-disable unicorn/prefer-add-event-listener -- `onabort` is what is tested here. */
import { once } from 'node:events';
import { expect, test } from 'vitest';
import { guardListeners } from '../../lib/nest/guarded-signal.js';

const BROKEN = new Error('broken');

function guardedController() {
  const failed: unknown[] = [];
  const controller = new AbortController();
  const signal = guardListeners(controller.signal, (error) => failed.push(error));
  return { controller, signal, failed };
}

const broken = () => {
  throw BROKEN;
};

test.each<[title: string, listen: (signal: AbortSignal) => void]>([
  ['a function that throws', (signal) => signal.addEventListener('abort', broken)],
  [
    'a function that rejects',
    (signal) => signal.addEventListener('abort', () => Promise.reject(BROKEN) as never),
  ],
  [
    'an object with handleEvent that throws',
    (signal) => signal.addEventListener('abort', { handleEvent: broken }),
  ],
  ['a function in onabort', (signal) => (signal.onabort = broken)],
])('%s as a listener of ctx.signal does not end the process', async (_, listen) => {
  const { controller, signal, failed } = guardedController();
  let others = 0;
  listen(signal);
  signal.addEventListener('abort', () => others++);
  controller.abort();
  await new Promise(setImmediate);
  expect(failed).toEqual([BROKEN]);
  expect(others).toBe(1);
});

test('a listener is added once, called with the signal as this, and can be removed', () => {
  const { controller, signal } = guardedController();
  const heard: unknown[] = [];
  function listener(this: unknown, event: Event) {
    heard.push(this, event.type);
  }
  const removed = () => heard.push('removed');
  signal.addEventListener('abort', listener);
  signal.addEventListener('abort', listener, { once: true });
  signal.addEventListener('abort', removed);
  signal.removeEventListener('abort', removed);
  controller.abort();
  expect(heard).toEqual([signal, 'abort']);
});

test('onabort can be read, replaced and removed', () => {
  const { controller, signal } = guardedController();
  let calls = 0;
  const handler = () => void calls++;
  signal.onabort = broken;
  signal.onabort = handler;
  expect(signal.onabort).toBe(handler);
  signal.onabort = null;
  controller.abort();
  expect(calls).toBe(0);
});

test('Node’s own APIs accept the guarded signal as an AbortSignal', async () => {
  const { controller, signal } = guardedController();
  expect(guardListeners(signal, () => {})).toBe(signal);
  const any = AbortSignal.any([signal]);
  const waiting = once(new EventTarget(), 'x', { signal });
  const fetched = fetch('http://127.0.0.1:1', { signal }).catch((error: Error) => error.name);
  controller.abort();
  expect(any.aborted).toBe(true);
  await expect(waiting).rejects.toThrow('aborted');
  expect(await fetched).toBe('AbortError');
});
