import { expect, test } from 'vitest';
import { DelayLine } from '../../../lib/testing/faults/delay-line.js';
import { ManualClock } from '../../support/manual-clock.js';

function delayLine() {
  const clock = new ManualClock();
  const line = new DelayLine(clock);
  const arrived: unknown[] = [];
  return { clock, line, arrived, pass: (what: unknown) => line.pass(() => arrived.push(what)) };
}

test('without a delay everything arrives at once', () => {
  const { arrived, clock, pass } = delayLine();
  pass(1);
  expect(arrived).toEqual([1]);
  expect(clock.timers).toBe(0);
});

test('each arrives after its delay, in order', () => {
  const { arrived, clock, line, pass } = delayLine();
  line.delayBy(100);
  pass(1);
  clock.advance(60);
  pass(2);
  clock.advance(39);
  expect(arrived).toEqual([]);
  clock.advance(1);
  expect(arrived).toEqual([1]);
  clock.advance(60);
  expect(arrived).toEqual([1, 2]);
  expect(clock.timers).toBe(0);
});

test('a shorter delay lets nothing overtake', () => {
  const { arrived, clock, line, pass } = delayLine();
  line.delayBy(100);
  pass(1);
  line.delayBy(10);
  pass(2);
  line.delayBy(0);
  pass(3);
  clock.advance(99);
  expect(arrived).toEqual([]);
  clock.advance(1);
  expect(arrived).toEqual([1, 2, 3]);
});

test('what is passed on arrival waits in turn', () => {
  const { arrived, clock, line, pass } = delayLine();
  line.delayBy(100);
  line.pass(() => pass('second'));
  clock.advance(100);
  expect(clock.timers).toBe(1);
  clock.advance(100);
  expect(arrived).toEqual(['second']);
});

test('a timer that is early waits for the rest', () => {
  const { arrived, clock, line, pass } = delayLine();
  const early = new DelayLine({
    now: () => clock.now(),
    after: (ms, run) => clock.after(ms / 2, run),
  });
  early.delayBy(100);
  early.pass(() => arrived.push('early'));
  line.delayBy(90);
  pass('before');
  clock.advance(100);
  expect(arrived).toEqual(['before', 'early']);
});

test('after its end nothing arrives, and no timer is left', () => {
  const { arrived, clock, line, pass } = delayLine();
  line.delayBy(100);
  pass(1);
  line.end();
  pass(2);
  expect(clock.timers).toBe(0);
  clock.advance(1000);
  expect(arrived).toEqual([]);
});
