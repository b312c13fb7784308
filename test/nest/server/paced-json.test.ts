import { expect, test } from 'vitest';
import { PacedJson } from '../../../lib/nest/server/paced-json.js';

/** Texts that take `ms` to make, and the clock that says so. */
function made(ms: number) {
  const clock = { now: 1000, made: 0 };
  const json = new PacedJson(
    () => {
      clock.now += ms;
      return { number: ++clock.made };
    },
    1,
    () => clock.now,
  );
  return { clock, json };
}

test('a text that costs nothing is made anew for each question', () => {
  const { json } = made(0);
  expect([json.content, json.content, json.content]).toEqual([
    '{"number":1}',
    '{"number":2}',
    '{"number":3}',
  ]);
});

test('one that takes 5 ms answers all questions of the next 45 ms', () => {
  const { clock, json } = made(5);
  expect(json.content).toBe('{"number":1}');
  clock.now += 44.9;
  expect(json.content).toBe('{"number":1}');
  clock.now += 0.1;
  expect(json.content).toBe('{"number":2}');
});

test('however fast it is asked, making texts takes a tenth of the time', () => {
  const { clock, json } = made(3);
  const begun = clock.now;
  while (clock.now < begun + 3000) {
    void json.content;
    clock.now += 0.25;
  }
  const share = (clock.made * 3) / (clock.now - begun);
  expect(share).toBeGreaterThan(0.09);
  expect(share).toBeLessThanOrEqual(0.101);
});

test('two that share the time take a tenth of it together, however fast both are asked', () => {
  const clock = { now: 1000, spent: 0 };
  const make = (ms: number) => () => {
    clock.now += ms;
    clock.spent += ms;
    return 1;
  };
  const both = [3, 4].map((ms) => new PacedJson(make(ms), 2, () => clock.now));
  while (clock.now < 11_000) {
    for (const json of both) void json.content;
    clock.now += 0.25;
  }
  expect(clock.spent / (clock.now - 1000)).toBeLessThanOrEqual(0.101);
});

test('an error takes time as well: who asks too soon gets the same one', () => {
  const clock = { now: 0, made: 0 };
  const json = new PacedJson(
    () => {
      clock.now += 5;
      throw new Error(`broken ${++clock.made}`);
    },
    1,
    () => clock.now,
  );
  expect(() => json.content).toThrow('broken 1');
  clock.now += 44.9;
  expect(() => json.content).toThrow('broken 1');
  clock.now += 0.1;
  expect(() => json.content).toThrow('broken 2');
});

test('an error that took no time is the asker’s, and the next one asks anew', () => {
  let isBroken = true;
  const json = new PacedJson(
    () => {
      if (isBroken) throw new Error('broken');
      return 1;
    },
    1,
    () => 0,
  );
  expect(() => json.content).toThrow('broken');
  isBroken = false;
  expect(json.content).toBe('1');
});

test('long text is bytes, the same for all who ask meanwhile, and short text is not', () => {
  let now = 0;
  const long = new PacedJson(
    () => 'ü'.repeat(4095),
    1,
    () => now++,
  );
  const first = long.content;
  expect(first).toEqual(Buffer.from(`"${'ü'.repeat(4095)}"`));
  expect(long.content).toBe(first);
  expect(new PacedJson(() => 'x'.repeat(4094)).content).toBe(`"${'x'.repeat(4094)}"`);
});
