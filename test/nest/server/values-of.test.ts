import { lastValueFrom, type Observable, of, range, Subject, toArray } from 'rxjs';
import { describe, expect, test } from 'vitest';
import { valuesOf } from '../../../lib/nest/server/values-of.js';
import { settled } from '../../support/careless.js';

const BROKEN = new Error('broken');

/** The values of something that yields, and what failed when nobody waited any more. */
function yielded(result: unknown) {
  const late: unknown[] = [];
  const values = valuesOf(result, (error) => late.push(error));
  if (!values) throw new Error('it yields nothing');
  return { values, late };
}

/** An iterator that says what is asked of it. */
function iterable(iterator: Partial<AsyncIterator<unknown>>): AsyncIterable<unknown> {
  const all = { next: () => new Promise<never>(() => {}), ...iterator };
  return { [Symbol.asyncIterator]: () => all };
}

test('a plain value is not taken for values', () => {
  expect(valuesOf('text', () => {})).toBeUndefined();
  expect(valuesOf(null, () => {})).toBeUndefined();
});

test('an Observable of async iterables yields their values', async () => {
  async function* two() {
    yield 1;
    yield 2;
  }
  const { values } = yielded(of(two(), 3));
  expect(await lastValueFrom(values.pipe(toArray()))).toEqual([1, 2, 3]);
});

test('values before and after an iterable keep their order', async () => {
  async function* two() {
    yield 2;
    yield 3;
  }
  const { values } = yielded(of(0, 1, two(), 4, two()));
  expect(await lastValueFrom(values.pipe(toArray()))).toEqual([0, 1, 2, 3, 4, 2, 3]);
});

test('a source that fails while an iterable is read fails at once', async () => {
  const source = new Subject<unknown>();
  const { values } = yielded(source);
  const all = lastValueFrom(values.pipe(toArray()));
  source.next(iterable({}));
  source.error(BROKEN);
  await expect(all).rejects.toBe(BROKEN);
});

test('an iterator whose next() yields no object fails as a handler that throws', async () => {
  const reader = {
    isWanted: true,
    untilOpen: () => Promise.resolve(),
    failure: (error: unknown) => `told: ${String(error)}`,
  };
  for (const step of [undefined, 1, true]) {
    const wrong = iterable({ next: () => Promise.resolve(step as never) });
    const values = valuesOf(wrong, () => {}, reader) ?? of();
    await expect(lastValueFrom(values)).rejects.toBe(
      `told: TypeError: next() of an async iterator yields an object, not ${typeof step}`,
    );
  }
});

test('an endless source without a pause stops once no value is wanted', () => {
  const reader = { isWanted: true, untilOpen: () => Promise.resolve() };
  const heard: unknown[] = [];
  valuesOf(range(0, Infinity), () => {}, reader)?.subscribe((value) => {
    heard.push(value);
    if (value === 2) reader.isWanted = false;
  });
  expect(heard).toEqual([0, 1, 2]);
});

describe('an iterable that is left early', () => {
  const leave = async (values: Observable<unknown>) => {
    const heard: unknown[] = [];
    const subscription = values.subscribe({ error: (error) => heard.push(error) });
    await settled();
    expect(() => subscription.unsubscribe()).not.toThrow();
    await settled();
    return heard;
  };

  test.each<[title: string, iterator: Partial<AsyncIterator<unknown>>]>([
    ['its return rejects', { return: () => Promise.reject(BROKEN) }],
    [
      'its return throws',
      {
        return: () => {
          throw BROKEN;
        },
      },
    ],
  ])('%s: that is logged, and told to nobody else', async (_, iterator) => {
    const { values, late } = yielded(iterable(iterator));
    expect(await leave(values)).toEqual([]);
    expect(late).toEqual([BROKEN]);
  });

  test('whose return() never settles is not waited for', async () => {
    const { values, late } = yielded(iterable({ return: () => new Promise(() => {}) }));
    expect(await leave(values)).toEqual([]);
    expect(late).toEqual([]);
  });

  test('without a return() is simply left', async () => {
    const { values, late } = yielded(iterable({}));
    expect(await leave(values)).toEqual([]);
    expect(late).toEqual([]);
  });

  test('whose next value fails is logged', async () => {
    let fail = (_error: unknown) => {};
    const next = () => new Promise<never>((_resolve, reject) => (fail = reject));
    const { values, late } = yielded(iterable({ next }));
    await leave(values);
    fail(BROKEN);
    await settled();
    expect(late).toEqual([BROKEN]);
  });

  test('as a generator that throws in its finally is logged', async () => {
    async function* generator() {
      try {
        yield 1;
        await new Promise((resolve) => setTimeout(resolve, 1));
        yield 2;
      } finally {
        // oxlint-disable-next-line eslint/no-unsafe-finally -- what this is about
        throw BROKEN;
      }
    }
    const { values, late } = yielded(generator());
    const first = await new Promise((resolve) => {
      const subscription = values.subscribe((value) => {
        resolve(value);
        queueMicrotask(() => subscription.unsubscribe());
      });
    });
    expect(first).toBe(1);
    await new Promise((resolve) => setTimeout(resolve, 20));
    expect(late).toEqual([BROKEN]);
  });
});

test('an iterable that fails while it is read fails the call once', async () => {
  const { values, late } = yielded(iterable({ next: () => Promise.reject(BROKEN) }));
  await expect(lastValueFrom(values)).rejects.toBe(BROKEN);
  await settled();
  expect(late).toEqual([]);
});
