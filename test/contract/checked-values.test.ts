import { describe, expect, test } from 'vitest';
import { checkedValues } from '../../lib/contract/checked-values.js';
import { SchemaCheck } from '../../lib/contract/schema-check.js';
import type { StandardSchema } from '../../lib/contract/standard-schema.js';

const logged: unknown[] = [];

/** Numbers below 3. */
const SMALL: StandardSchema = {
  '~standard': {
    version: 1,
    vendor: 'test',
    validate: (value) =>
      Number(value) < 3 ? { value: 'dropped' } : { issues: [{ message: 'no' }] },
  },
};

/** The checked values of an iterator, and what was done to it. */
function checked(source: Partial<AsyncIterator<unknown>>) {
  logged.length = 0;
  const log = { error: (_kind: string, error: unknown) => logged.push(error) };
  const check = new SchemaCheck({ contract: 'orders', entry: 'list' }, 'result', SMALL, log);
  const values = { [Symbol.asyncIterator]: () => source as AsyncIterator<unknown> };
  return checkedValues(values, check)[Symbol.asyncIterator]();
}

const invalid = expect.objectContaining({ code: 'INVALID_RESULT' });

describe('the checked values of an iterable', () => {
  test('are asked for when they are, and stay as they are', async () => {
    let asked = 0;
    const values = checked({ next: () => Promise.resolve({ value: ++asked, done: false }) });
    expect(asked).toBe(0);
    expect(await values.next()).toEqual({ value: 1, done: false });
    expect(asked).toBe(1);
    expect(await values.next()).toEqual({ value: 2, done: false });
    expect(asked).toBe(2);
  });

  test('end where one is invalid, after the clean-up of their source', async () => {
    const done: string[] = [];
    async function* source() {
      try {
        yield* [1, 2, 3, 4];
      } finally {
        await Promise.resolve();
        done.push('clean');
      }
    }
    const values = checked(source());
    expect(await values.next()).toEqual({ value: 1, done: false });
    expect(await values.next()).toEqual({ value: 2, done: false });
    await expect(values.next()).rejects.toEqual(invalid);
    expect(done).toEqual(['clean']);
    expect(await values.next()).toEqual({ value: undefined, done: true });
  });

  test('fail as invalid even if that clean-up fails, which is logged', async () => {
    const late = new Error('late');
    const values = checked({
      next: () => Promise.resolve({ value: 3, done: false }),
      return: () => Promise.reject(late),
    });
    await expect(values.next()).rejects.toEqual(invalid);
    expect(logged).toEqual([invalid, late]);
  });

  test('do not check what a generator returns', async () => {
    const values = checked({ next: () => Promise.resolve({ value: 99, done: true }) });
    expect(await values.next()).toEqual({ value: 99, done: true });
  });

  test('fail as their source does', async () => {
    const values = checked({ next: () => Promise.reject(new Error('mine')) });
    await expect(values.next()).rejects.toThrow('mine');
  });

  test('can be left, and thrown at, as far as their source can', async () => {
    const calls: unknown[] = [];
    const next = () => Promise.resolve({ value: 1, done: false });
    const values = checked({
      next,
      return: (value) => {
        calls.push(['return', value]);
        return Promise.resolve({ value, done: true });
      },
      throw: (error) => {
        calls.push(['throw', error]);
        return Promise.resolve({ value: 2, done: false });
      },
    });
    expect(await values.return?.(7)).toEqual({ value: 7, done: true });
    expect(await values.throw?.(8)).toEqual({ value: 2, done: false });
    expect(calls).toEqual([
      ['return', 7],
      ['throw', 8],
    ]);
    const bare = checked({ next });
    expect(bare).not.toHaveProperty('return');
    expect(bare).not.toHaveProperty('throw');
  });
});
