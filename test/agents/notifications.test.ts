import { describe, expect, test } from 'vitest';
import { Notifications } from '../../lib/agents/notifications.js';

test('the user’s code does not run in the midst of a transition, however deeply it is nested', () => {
  const notifications = new Notifications();
  const order: string[] = [];
  notifications.within(() => {
    notifications.tell(() => order.push('told'));
    notifications.within(() => order.push('inner change'));
    order.push('outer change');
  });
  expect(order).toEqual(['inner change', 'outer change', 'told']);
});

test('what comes of a notification is told after those that wait, not within it', () => {
  const notifications = new Notifications();
  const order: string[] = [];
  notifications.within(() => {
    notifications.tell(() => {
      notifications.within(() => notifications.tell(() => order.push('third')));
      order.push('first');
    });
    notifications.tell(() => order.push('second'));
  });
  expect(order).toEqual(['first', 'second', 'third']);
});

test('a notification that throws does not keep the others from being told, and its error is thrown', () => {
  const notifications = new Notifications();
  const order: string[] = [];
  const run = () =>
    notifications.within(() => {
      notifications.tell(() => {
        throw new Error('of the user');
      });
      notifications.tell(() => order.push('told'));
    });
  expect(run).toThrow('of the user');
  notifications.tell(() => order.push('later'));
  expect(order).toEqual(['told', 'later']);
});

test('what is told outside of an entry point is told at once, with what it is about', () => {
  const notifications = new Notifications();
  const told: unknown[] = [];
  const note = (...what: unknown[]) => told.push(what);
  notifications.tell(note);
  notifications.tell(note, 'about');
  notifications.tell(note, 'about', 'detail');
  expect(told).toEqual([
    [undefined, undefined],
    ['about', undefined],
    ['about', 'detail'],
  ]);
});

describe('what is done when a change is over', () => {
  test('is done at once, if there is none', () => {
    const notifications = new Notifications();
    const order: string[] = [];
    notifications.whenDone(() => order.push('done'));
    expect(order).toEqual(['done']);
  });

  test('waits for its end, behind what is to be told before', () => {
    const notifications = new Notifications();
    const order: string[] = [];
    notifications.within(() => {
      notifications.tell(() => order.push('told before'));
      notifications.whenDone(() => order.push('done'));
      order.push('in the change');
    });
    expect(order).toEqual(['in the change', 'told before', 'done']);
  });

  test('is done at once within a callback', () => {
    const notifications = new Notifications();
    const order: string[] = [];
    notifications.within(() =>
      notifications.tell(() => {
        notifications.whenDone(() => order.push('done'));
        order.push('after');
      }),
    );
    expect(order).toEqual(['done', 'after']);
  });
});
