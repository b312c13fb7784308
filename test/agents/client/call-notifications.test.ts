import { expect, test } from 'vitest';
import { CallNotifications, type Receiver } from '../../../lib/agents/client/call-notifications.js';

/** Notes what it hears, and does something then. */
class Hearer implements Receiver {
  readonly heard: unknown[] = [];
  isHeard = true;
  whenTold: (what: unknown) => void = () => {};
  readonly observer = {
    next: (value: unknown) => this.#hear(value),
    complete: () => this.#hear('complete'),
    error: (error: unknown, judge?: (error: unknown) => void) => {
      judge?.(error);
      this.#hear(error);
    },
  };

  #hear(what: unknown): void {
    this.heard.push(what);
    this.whenTold(what);
  }
}

test('nothing is told before the entry point ends, however deep it goes', () => {
  const notifications = new CallNotifications();
  const hearer = new Hearer();
  notifications.within(() => {
    notifications.within(() => notifications.next(hearer, 1));
    notifications.complete(hearer);
    expect(hearer.heard).toEqual([]);
  });
  expect(hearer.heard).toEqual([1, 'complete']);
});

test('what is told outside of an entry point is told at once', () => {
  const notifications = new CallNotifications();
  const hearer = new Hearer();
  notifications.last(hearer, 1);
  expect(hearer.heard).toEqual([1, 'complete']);
});

test('who cancels at the last value does not hear the end', () => {
  const notifications = new CallNotifications();
  const hearer = new Hearer();
  hearer.whenTold = () => (hearer.isHeard = false);
  notifications.last(hearer, 1);
  expect(hearer.heard).toEqual([1]);
});

test('what a callback brings up is told after what waits already', () => {
  const notifications = new CallNotifications();
  const [first, second] = [new Hearer(), new Hearer()];
  const order: unknown[] = [];
  for (const hearer of [first, second]) hearer.whenTold = (what) => order.push(what);
  first.whenTold = (what) => {
    order.push(what);
    if (what === 'a') notifications.within(() => notifications.next(first, 'c'));
  };
  notifications.within(() => {
    notifications.next(first, 'a');
    notifications.next(second, 'b');
  });
  expect(order).toEqual(['a', 'b', 'c']);
});

test('a callback that throws costs the others nothing, and its error surfaces', () => {
  const notifications = new CallNotifications();
  const [first, second] = [new Hearer(), new Hearer()];
  first.whenTold = (what) => {
    throw new Error(`at ${String(what)}`);
  };
  const tell = () =>
    notifications.within(() => {
      notifications.next(first, 1);
      notifications.next(first, 2);
      notifications.complete(second);
    });
  expect(tell).toThrow('at 1');
  expect([first.heard, second.heard]).toEqual([[1, 2], ['complete']]);
  notifications.within(() => notifications.next(second, 3));
  expect(second.heard).toEqual(['complete', 3]);
});

test('who has left meanwhile hears nothing more', () => {
  const notifications = new CallNotifications();
  const hearer = new Hearer();
  hearer.whenTold = () => (hearer.isHeard = false);
  notifications.within(() => {
    notifications.next(hearer, 1);
    notifications.next(hearer, 2);
    notifications.error(hearer, new Error('late'));
  });
  expect(hearer.heard).toEqual([1]);
});

test('an error is told with its judge, if it has one', () => {
  const notifications = new CallNotifications();
  const hearer = new Hearer();
  const judged: unknown[] = [];
  notifications.within(() => {
    notifications.error(hearer, 'one', (error) => judged.push(error));
    notifications.error(hearer, 'two');
  });
  expect([hearer.heard, judged]).toEqual([['one', 'two'], ['one']]);
});

test('a flood of notifications does not stay in memory', () => {
  const notifications = new CallNotifications();
  const hearer = new Hearer();
  notifications.within(() => {
    for (let n = 0; n < 5000; n++) notifications.next(hearer, n);
  });
  notifications.within(() => notifications.complete(hearer));
  expect(hearer.heard).toHaveLength(5001);
  expect(hearer.heard.at(-1)).toBe('complete');
});
