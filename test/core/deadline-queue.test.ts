import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { type Deadline, DeadlineQueue, NOT_QUEUED } from '../../lib/core/deadline-queue.js';
import { fixSeed } from '../support/fix-seed.js';

fixSeed(13);

interface Item extends Deadline {
  readonly name: string;
}

const item = (name: string): Item => ({ name, dueAt: Infinity, heapIndex: NOT_QUEUED });

/** The names of everything due, in the order in which it is taken. */
function takeAll(queue: DeadlineQueue<Item>, now: number): string[] {
  const names: string[] = [];
  for (let due = queue.takeDue(now); due; due = queue.takeDue(now)) names.push(due.name);
  return names;
}

describe('an empty queue', () => {
  test('is never due', () => {
    const queue = new DeadlineQueue<Item>();
    expect(queue.size).toBe(0);
    expect(queue.nextDueAt).toBe(Infinity);
    expect(queue.takeDue(Infinity)).toBeUndefined();
  });

  test('ignores the removal of an item that was never added', () => {
    const queue = new DeadlineQueue<Item>();
    queue.remove(item('a'));
    expect(queue.size).toBe(0);
  });
});

describe('deadlines', () => {
  test('are taken earliest first, once each, in whatever order they were added', () => {
    const queue = new DeadlineQueue<Item>();
    for (const [name, at] of Object.entries({ c: 30, a: 10, e: 50, b: 20, d: 40 })) {
      queue.add(item(name), at);
    }
    expect(queue.nextDueAt).toBe(10);
    expect(takeAll(queue, 30)).toEqual(['a', 'b', 'c']);
    expect(queue.nextDueAt).toBe(40);
    expect(takeAll(queue, 100)).toEqual(['d', 'e']);
    expect(queue.size).toBe(0);
  });

  test('are due at their time, not before', () => {
    const queue = new DeadlineQueue<Item>();
    queue.add(item('a'), 10);
    expect(queue.takeDue(9.999)).toBeUndefined();
    expect(queue.takeDue(10)?.name).toBe('a');
  });

  test('at the same time are all taken', () => {
    const queue = new DeadlineQueue<Item>();
    for (const name of ['a', 'b', 'c']) queue.add(item(name), 10);
    expect(takeAll(queue, 10).toSorted()).toEqual(['a', 'b', 'c']);
  });

  test('that are added again move to their new time', () => {
    const queue = new DeadlineQueue<Item>();
    const moved = item('moved');
    queue.add(moved, 10);
    queue.add(item('other'), 20);
    queue.add(moved, 30);
    expect(queue.size).toBe(2);
    expect(moved.dueAt).toBe(30);
    expect(queue.nextDueAt).toBe(20);
    queue.add(moved, 5);
    expect(takeAll(queue, 100)).toEqual(['moved', 'other']);
  });

  test('that are removed, even twice, leave the others alone', () => {
    const queue = new DeadlineQueue<Item>();
    const removed = item('removed');
    queue.add(item('a'), 10);
    queue.add(removed, 20);
    queue.add(item('b'), 30);
    queue.remove(removed);
    queue.remove(removed);
    expect(removed.heapIndex).toBe(NOT_QUEUED);
    expect(takeAll(queue, 100)).toEqual(['a', 'b']);
  });

  test('that were taken can be added again', () => {
    const queue = new DeadlineQueue<Item>();
    queue.add(item('a'), 10);
    const taken = queue.takeDue(10);
    expect(taken?.heapIndex).toBe(NOT_QUEUED);
    if (taken) queue.add(taken, 20);
    expect(takeAll(queue, 20)).toEqual(['a']);
  });
});

test('behaves like a sorted list for any sequence of additions, moves, removals and takes', () => {
  const items = 40;
  const action = fc.oneof(
    { weight: 5, arbitrary: fc.tuple(fc.constant('add'), fc.nat(items - 1), fc.nat(60)) },
    { weight: 3, arbitrary: fc.tuple(fc.constant('remove'), fc.nat(items - 1), fc.constant(0)) },
    { weight: 1, arbitrary: fc.tuple(fc.constant('take'), fc.constant(0), fc.nat(60)) },
  );
  fc.assert(
    fc.property(fc.array(action, { maxLength: 300, size: 'max' }), (actions) => {
      const queue = new DeadlineQueue<Item>();
      const all = Array.from({ length: items }, (_, index) => item(String(index)));
      const model = new Map<Item, number>();
      const earliest = () => Math.min(...model.values(), Infinity);
      const take = (now: number) => {
        const taken = queue.takeDue(now);
        const isDue = earliest() <= now;
        expect(taken === undefined ? undefined : model.get(taken)).toBe(
          isDue ? earliest() : undefined,
        );
        if (taken) model.delete(taken);
      };
      for (const [what, index, time] of actions) {
        const chosen = all[index] ?? item('none');
        if (what === 'add') {
          queue.add(chosen, time);
          model.set(chosen, time);
        } else if (what === 'remove') {
          queue.remove(chosen);
          model.delete(chosen);
        } else {
          take(time);
        }
        expect(queue.size).toBe(model.size);
        expect(queue.nextDueAt).toBe(earliest());
      }
      while (model.size > 0) take(Infinity);
      expect(queue.size).toBe(0);
      expect(all.every(({ heapIndex }) => heapIndex === NOT_QUEUED)).toBe(true);
    }),
    { numRuns: 60 },
  );
});
