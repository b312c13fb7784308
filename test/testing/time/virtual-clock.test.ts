import { AsyncLocalStorage } from 'node:async_hooks';
import { setImmediate } from 'node:timers';
import { expect, test } from 'vitest';
import { EventLoop, nextTurn } from '../../../lib/testing/time/event-loop.js';
import { VirtualClock } from '../../../lib/testing/time/virtual-clock.js';
import { uncaught } from '../../support/uncaught.js';

function virtualClock() {
  const loop = new EventLoop();
  const clock = new VirtualClock(loop);
  const happened: string[] = [];
  const log = (what: string) => happened.push(`${what} at ${clock.now()}`);
  return { loop, clock, happened, log };
}

test('time stands still unless it is advanced, but for what is due already', async () => {
  const { clock, happened, log } = virtualClock();
  clock.after(1, () => log('later'));
  clock.after(0, () => log('now'));
  for (let turn = 0; turn < 100; turn++) await nextTurn();
  expect(happened).toEqual(['now at 0']);
});

test('timers fire in order, each at its time, also those that are set meanwhile', async () => {
  const { clock, happened, log } = virtualClock();
  clock.after(30, () => log('c'));
  clock.after(10, () => {
    log('a');
    clock.after(10, () => log('b'));
    clock.after(100, () => log('too late'));
  });
  await clock.advance(50);
  expect(happened).toEqual(['a at 10', 'b at 20', 'c at 30']);
  expect(clock.now()).toBe(50);
});

test('a timer that is cancelled does not fire', async () => {
  const { clock, happened, log } = virtualClock();
  const cancel = clock.after(20, () => log('never'));
  clock.after(10, cancel);
  await clock.advance(50);
  expect(happened).toEqual([]);
});

test('between two moments the loop turns, so that promise chains go on', async () => {
  const { clock, happened, log } = virtualClock();
  clock.after(10, () => {
    void (async () => {
      for (let i = 0; i < 5; i++) await new Promise((resolve) => setImmediate(resolve));
      log('chain of the first');
    })();
  });
  clock.after(11, () => log('second'));
  await clock.advance(20);
  expect(happened).toEqual(['chain of the first at 10', 'second at 11']);
});

test('messages that are answered for ever hold up an advance only for a while', async () => {
  const { clock, loop } = virtualClock();
  const reader = { readOn: () => loop.turns.wait(reader) };
  loop.turns.wait(reader);
  await clock.advance(10);
  expect(clock.now()).toBe(10);
});

test('a timer that throws does not end the advance', async () => {
  const { clock, happened, log } = virtualClock();
  const errors = await uncaught(async () => {
    clock.after(1, () => {
      throw new Error('of a timer');
    });
    clock.after(2, () => log('next'));
    await clock.advance(5);
  });
  expect(happened).toEqual(['next at 2']);
  expect(errors).toMatchObject([{ message: 'of a timer' }]);
});

test('timers run in nobody’s async context', async () => {
  const { clock } = virtualClock();
  const storage = new AsyncLocalStorage<string>();
  const contexts: unknown[] = [];
  storage.run('setting', () => clock.after(1, () => contexts.push(storage.getStore())));
  await storage.run('advancing', () => clock.advance(1));
  expect(contexts).toEqual([undefined]);
});
