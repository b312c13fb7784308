import { expect, test } from 'vitest';
import { Watch } from '../../benchmark/src/run/watch.js';

test('successful work returns its result', async () => {
  await expect(new Watch().until(Promise.resolve(7))).resolves.toBe(7);
});

test('a failure ends every wait, present and future, with the first reason', async () => {
  const watch = new Watch();
  const never = watch.until(new Promise(() => {}));
  const pause = watch.pause(1000);
  watch.fail(new Error('the server died'));
  watch.fail(new Error('its client lost it'));
  await expect(never).rejects.toThrow('the server died');
  await expect(pause).rejects.toThrow('the server died');
  await expect(watch.pause(1000)).rejects.toThrow('the server died');
});
