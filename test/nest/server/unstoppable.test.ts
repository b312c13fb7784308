import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { defer, from, NEVER, type Observable, timer } from 'rxjs';
import { expect, test } from 'vitest';
import { findUnstoppable } from '../../../lib/nest/server/unstoppable.js';

setFlagsFromString('--expose-gc');
const collectGarbage = runInNewContext('gc') as () => void;

/** Whether it settles once what nobody holds is collected. */
async function settles(work: Promise<unknown> | undefined): Promise<boolean> {
  const PENDING = Symbol('pending');
  for (let tries = 0; tries < 5; tries++) {
    collectGarbage();
    const turned = new Promise((resolve) => setImmediate(resolve, PENDING));
    if ((await Promise.race([work, turned])) !== PENDING) return true;
  }
  return false;
}

/** What goes on of it once nobody listens. */
function left(values: Observable<unknown>): Promise<unknown> | undefined {
  const subscription = values.subscribe();
  const untilSettled = findUnstoppable(values, subscription);
  subscription.unsubscribe();
  return untilSettled?.();
}

test('a promise counts as running until it settles', async () => {
  let resolve = (_value: unknown) => {};
  const promise = new Promise((given) => (resolve = given));
  const work = left(defer(() => from(promise)));
  expect(await settles(work)).toBe(false);
  resolve('late');
  expect(await settles(work)).toBe(true);
});

test('a promise that nobody can settle any more is not waited for for ever', async () => {
  expect(await settles(left(defer(() => from(new Promise(() => {})))))).toBe(true);
});

test('nothing is waited for if unsubscribing stops the source, or the source is NEVER', () => {
  expect(left(timer(60_000))).toBeUndefined();
  expect(left(NEVER)).toBeUndefined();
});
