import { AsyncLocalStorage } from 'node:async_hooks';
import { setImmediate as turn } from 'node:timers/promises';
import { inspect } from 'node:util';
import {
  concat,
  firstValueFrom,
  from,
  identity,
  lastValueFrom,
  map,
  mergeMap,
  NEVER,
  Observable,
  of,
  retry,
  throwError,
} from 'rxjs';
import { describe, expect, test } from 'vitest';
import { contract } from '../../lib/contract/contract.js';
import type { ContractCall } from '../../lib/contract/contract-call.js';
import { contractClient } from '../../lib/contract/contract-client.js';
import { event, rpc } from '../../lib/contract/entries.js';
import { FakeProxy } from '../support/fake-proxy.js';
import { uncaught } from '../support/uncaught.js';

const ordersContract = contract('orders', {
  place: rpc<string, string>(),
  cancelled: event<string>(),
});

function open() {
  const proxy = new FakeProxy();
  return { proxy, orders: contractClient(ordersContract, proxy) };
}

const FAILURE = new Error('no tea');

function failing() {
  const opened = open();
  opened.proxy.answer = () => throwError(() => FAILURE);
  return opened;
}

describe('a call', () => {
  test('does nothing until somebody wants its result', async () => {
    const { proxy, orders } = open();
    const call = orders.place('tea');
    inspect(call);
    JSON.stringify(call);
    await turn();
    expect(proxy.sent).toEqual([]);
  });

  test('is made once, however often it is awaited', async () => {
    const { proxy, orders } = open();
    const call = orders.place('tea');
    expect([await call, await call, await call.finally(), await call.catch(String)]).toEqual(
      Array<string>(4).fill('tea'),
    );
    expect(proxy.sent).toEqual([{ pattern: 'orders.place', data: 'tea' }]);
  });

  test('is made once if it is awaited again while it runs', async () => {
    const { proxy, orders } = open();
    const call = orders.place('tea');
    expect(await Promise.all([call, call, Promise.resolve(call)])).toEqual(['tea', 'tea', 'tea']);
    expect(proxy.sent).toHaveLength(1);
  });

  test('that failed is not made again: awaiting it again fails with the same error', async () => {
    const { proxy, orders } = failing();
    const call = orders.place('tea');
    await expect(call).rejects.toBe(FAILURE);
    await expect(call).rejects.toBe(FAILURE);
    expect(proxy.sent).toHaveLength(1);
  });

  test('is made by each subscription, and apart from those that await it', async () => {
    const { proxy, orders } = open();
    const call = orders.place('tea');
    expect(await call).toBe('tea');
    expect(await firstValueFrom(call)).toBe('tea');
    expect(await lastValueFrom(call)).toBe('tea');
    expect(proxy.sent).toHaveLength(3);
  });

  test('that is returned by an async function is made, and its result returned', async () => {
    const { proxy, orders } = open();
    const place = async (item: string) => orders.place(item);
    expect(await place('tea')).toBe('tea');
    expect(proxy.sent).toHaveLength(1);
  });

  test('resolves with its last value, or without any with undefined', async () => {
    const { proxy, orders } = open();
    proxy.answer = () => of('first', 'last');
    expect(await orders.place('tea')).toBe('last');
    proxy.answer = () => of();
    expect(await orders.place('tea')).toBeUndefined();
  });

  test('passes on null, false and 0 as they are', async () => {
    const { proxy, orders } = open();
    for (const value of [null, false, 0]) {
      proxy.answer = () => of(value);
      expect(await orders.place('tea')).toBe(value);
    }
  });

  test('starts in the async context of the first who awaits it, and each goes on in its own', async () => {
    const { proxy, orders } = open();
    const user = new AsyncLocalStorage<string>();
    const seen: (string | undefined)[] = [];
    proxy.answer = (data) => {
      seen.push(user.getStore());
      return of(data);
    };
    const call = user.run('maker', () => orders.place('tea'));
    const awaited = async () => {
      await call;
      return user.getStore();
    };
    const resumed = [user.run('first', awaited), user.run('second', awaited)];
    expect(await Promise.all(resumed)).toEqual(['first', 'second']);
    expect(seen).toEqual(['first']);
  });
});

describe('as a promise', () => {
  test('then passes the result on, and what its callback throws', async () => {
    const { orders } = open();
    expect(await orders.place('tea').then((item) => item.length)).toBe(3);
    const thrown = orders.place('tea').then(() => {
      throw FAILURE;
    });
    await expect(thrown).rejects.toBe(FAILURE);
  });

  test('catch gets the error, and finally runs either way', async () => {
    const { orders } = failing();
    let hasRun = false;
    expect(await orders.place('tea').catch(identity)).toBe(FAILURE);
    const call = orders.place('tea').finally(() => {
      hasRun = true;
    });
    await expect(call).rejects.toBe(FAILURE);
    expect(hasRun).toBe(true);
  });

  test('a rejection that nobody handles is told to the process, one that somebody handles is not', async () => {
    const { orders } = failing();
    const handled = await uncaught(async () => void orders.place('tea').catch(() => {}));
    expect(handled).toEqual([]);
    const unhandled = await uncaught(async () => void orders.place('tea').then(() => {}));
    expect(unhandled).toEqual([FAILURE]);
  });

  test('is told from others by its tag', () => {
    const { orders } = open();
    expect(Object.prototype.toString.call(orders.place('tea'))).toBe('[object ContractCall]');
  });
});

describe('as an Observable', () => {
  test('it is one of the application’s own rxjs', () => {
    const { orders } = open();
    expect(orders.place('tea')).toBeInstanceOf(Observable);
    expect(from(orders.place('tea'))).toBeInstanceOf(Observable);
  });

  test('operators take it for an Observable, not for a promise: its call is cancelled with them', async () => {
    const { proxy, orders } = open();
    let cancelled = 0;
    proxy.answer = () =>
      new Observable(() => () => {
        cancelled++;
      });
    of('tea')
      .pipe(mergeMap((item) => orders.place(item)))
      .subscribe()
      .unsubscribe();
    concat(orders.place('tea'), NEVER).subscribe().unsubscribe();
    from(orders.place('tea')).subscribe().unsubscribe();
    expect(cancelled).toBe(3);
  });

  test('pipe works on its values', async () => {
    const { orders } = open();
    expect(await firstValueFrom(orders.place('tea').pipe(map((item) => item.length)))).toBe(3);
  });

  test('a subscriber may be a function, an observer, part of one, three functions, or none', async () => {
    const { proxy, orders } = open();
    const seen: unknown[] = [];
    const see = (value?: unknown) => void seen.push(value);
    orders.place('a').subscribe(see);
    orders.place('b').subscribe({ next: see });
    orders.place('c').subscribe({ complete: see });
    orders.place('d').subscribe(see, see, see);
    orders.place('e').subscribe(null, null, see);
    orders.place('f').subscribe();
    await orders.place('g').forEach(see);
    expect(seen).toEqual(['a', 'b', undefined, 'd', undefined, undefined, 'g']);
    proxy.answer = () => throwError(() => FAILURE);
    orders.place('h').subscribe({ error: see });
    orders.place('i').subscribe(null, see);
    expect(seen.slice(7)).toEqual([FAILURE, FAILURE]);
  });

  test('what a subscriber throws is told to the process, as with send, and harms no other', async () => {
    const { orders } = open();
    const caught = await uncaught(async () => {
      const call = orders.place('tea');
      call.subscribe(() => {
        throw FAILURE;
      });
      expect(await call).toBe('tea');
    });
    expect(caught).toEqual([FAILURE]);
  });

  test('retry makes the call again', async () => {
    const { proxy, orders } = open();
    proxy.answer = () => (proxy.sent.length < 3 ? throwError(() => FAILURE) : of('tea'));
    expect(await firstValueFrom(orders.place('tea').pipe(retry(2)))).toBe('tea');
    expect(proxy.sent).toHaveLength(3);
  });

  test('a subscriber that leaves cancels its own call alone', async () => {
    const { proxy, orders } = open();
    const answers: ((value: string) => void)[] = [];
    let cancelled = 0;
    proxy.answer = () =>
      new Observable((subscriber) => {
        answers.push((value) => {
          subscriber.next(value);
          subscriber.complete();
        });
        return () => {
          cancelled += subscriber.closed && !answered ? 1 : 0;
        };
      });
    let answered = false;
    const call = orders.place('tea');
    const result = call.then(identity);
    call.subscribe().unsubscribe();
    expect(cancelled).toBe(1);
    answered = true;
    answers[0]?.('tea');
    expect(await result).toBe('tea');
  });
});

describe('an event', () => {
  test('is sent at once and once, awaited and subscribed to or not', async () => {
    const { proxy, orders } = open();
    proxy.answer = () => of(undefined);
    const sent = orders.cancelled('order-1');
    expect(proxy.emitted).toEqual([{ pattern: 'orders.cancelled', data: 'order-1' }]);
    expect([await sent, await sent, await lastValueFrom(sent)]).toEqual([
      undefined,
      undefined,
      undefined,
    ]);
    expect(proxy.emitted).toHaveLength(1);
  });

  test('that failed says so to whoever asks, later, too, and to nobody else', async () => {
    const { orders } = failing();
    let sent: ContractCall<void> | undefined;
    const caught = await uncaught(async () => void (sent = orders.cancelled('order-1')));
    expect(caught).toEqual([]);
    if (!sent) throw new Error('not sent');
    await expect(sent).rejects.toBe(FAILURE);
    await expect(firstValueFrom(sent)).rejects.toBe(FAILURE);
  });

  test('tells each subscriber in the async context in which it subscribed', () => {
    const { proxy, orders } = open();
    const user = new AsyncLocalStorage<string>();
    let end = () => {};
    proxy.answer = () =>
      new Observable((subscriber) => {
        end = () => subscriber.complete();
      });
    const sent = user.run('sender', () => orders.cancelled('order-1'));
    const seen: (string | undefined)[] = [];
    user.run('subscriber', () => sent.subscribe({ complete: () => seen.push(user.getStore()) }));
    end();
    expect(seen).toEqual(['subscriber']);
  });
});
