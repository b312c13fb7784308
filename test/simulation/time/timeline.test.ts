import * as fc from 'fast-check';
import { expect, test } from 'vitest';
import { EventQueue } from './event-queue.js';
import { Timeline } from './timeline.js';

test('events happen in order of time, and in order of scheduling if simultaneous', () => {
  fc.assert(
    fc.property(fc.array(fc.nat(20)), (moments) => {
      const queue = new EventQueue();
      moments.forEach((at) => queue.add(at, () => {}));
      const taken = moments.map(() => queue.take());
      const keys = taken.map((happening) => [happening?.at ?? 0, happening?.order ?? 0] as const);
      expect(keys).toEqual(keys.toSorted(([a, i], [b, j]) => a - b || i - j));
      expect(queue.take()).toBeUndefined();
    }),
  );
});

test('a step ends with its promise jobs, then its turn, before the next one begins', async () => {
  const timeline = new Timeline();
  const happened: string[] = [];
  timeline.at(10, () => {
    happened.push(`first at ${timeline.now}`);
    timeline.atTurnEnd(() => happened.push('turn'));
    void Promise.resolve().then(() => happened.push('promise'));
    timeline.soon(() => happened.push('soon'));
  });
  timeline.at(10, () => happened.push('second'));
  timeline.at(30, () => happened.push('never'));
  await timeline.runUntil(20, () => true);
  expect(happened).toEqual(['first at 10', 'soon', 'promise', 'turn', 'second']);
  expect(timeline.now).toBe(20);
});

test('a cancelled event does not happen, and a step may be the last', async () => {
  const timeline = new Timeline();
  const happened: string[] = [];
  timeline.at(10, () => happened.push('called off')).run = undefined;
  timeline.in(20, () => happened.push('the last one'));
  timeline.in(30, () => happened.push('never'));
  await timeline.runUntil(40, () => false);
  expect(happened).toEqual(['the last one']);
});
