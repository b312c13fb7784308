import { inspect } from 'node:util';
import type { LoggerService } from '@nestjs/common';
import { describe, expect, test } from 'vitest';
import { BoundedLog } from '../../lib/nest/bounded-log.js';

function bench() {
  const entries: [level: string, what: unknown][] = [];
  const keep = (level: string) => (what: unknown) => void entries.push([level, what]);
  const target: LoggerService = {
    log: keep('log'),
    warn: keep('warn'),
    error: keep('error'),
    debug: keep('debug'),
  };
  let now = 0;
  const log = new BoundedLog(
    () => target,
    { burst: 2, interval: 1000 },
    () => now,
  );
  return { log, entries, pass: (ms: number) => (now += ms) };
}

test('each level is logged by the method of its name', () => {
  const { log, entries } = bench();
  log.log('a', '1');
  log.warn('a', '2');
  log.error('a', '3');
  log.debug('a', '4');
  expect(entries).toEqual([
    ['log', '1'],
    ['warn', '2'],
    ['error', '3'],
    ['debug', '4'],
  ]);
});

test('repeated lines are suppressed, and the next one says how many', () => {
  const { log, entries, pass } = bench();
  for (let entry = 0; entry < 5; entry++) log.warn('a', `line ${entry}.`);
  pass(1000);
  log.warn('a', 'line 5.');
  expect(entries.map(([, what]) => what)).toEqual([
    'line 0.',
    'line 1.',
    'line 5. And 3 more like it since the last one that was logged.',
  ]);
});

test('the levels have separate limits', () => {
  const { log, entries } = bench();
  for (let entry = 0; entry < 5; entry++) log.debug('a', 'x');
  log.error('a', 'x');
  expect(entries.at(-1)).toEqual(['error', 'x']);
});

test('after suppressed errors, a separate line says how many', () => {
  const { log, entries, pass } = bench();
  const error = new Error('broken');
  for (let entry = 0; entry < 5; entry++) log.error('a', error);
  pass(1000);
  log.error('a', error);
  expect(entries.map(([, what]) => what)).toEqual([
    error,
    error,
    error,
    'And 3 more like it since the last one that was logged.',
  ]);
});

test.each(['a text', ['a list'], { an: 'object' }, undefined, null, 7, Symbol('s'), 1n])(
  'whatever is thrown is shown: %s',
  (thrown) => {
    const { log, entries } = bench();
    log.error('a', thrown);
    expect(entries).toEqual([['error', expect.any(String)]]);
  },
);

describe('an error that the user’s code threw', () => {
  test('is logged unchanged', () => {
    const { log, entries } = bench();
    const error = new TypeError('no such user', { cause: new Error('no rows') });
    log.error('a', error);
    expect(entries[0]?.[1]).toBe(error);
  });

  const forged = 'no\n[Nest] 1 ERROR all is lost\u001B[31m';

  test.each([
    ['its message', new RangeError(forged)],
    ['its cause', new RangeError('x', { cause: new Error(forged) })],
  ])('cannot forge a line by %s', (_, error) => {
    const { log, entries } = bench();
    log.error('a', error);
    const shown = entries[0]?.[1];
    if (!(shown instanceof Error)) throw new Error('not an error');
    expect(shown.name).toBe('RangeError');
    const causes = shown.cause instanceof Error ? [shown.cause] : [];
    expect([shown, ...causes].map((each) => each.message)).toContain(FORGED);
    for (const each of [shown, ...causes]) {
      const [title, ...frames] = String(each.stack).split('\n');
      expect(title).toContain(each.message);
      expect(frames.length).toBeGreaterThan(0);
      expect(frames.filter((line) => !line.startsWith('    at '))).toEqual([]);
    }
  });

  test('is cut if it is long', () => {
    const { log, entries } = bench();
    log.error('a', new Error('x'.repeat(100_000)));
    const shown = entries[0]?.[1];
    expect(shown instanceof Error && String(shown.stack).length).toBeLessThan(10_000);
  });

  test('that is its own cause is logged', () => {
    const { log, entries } = bench();
    const error = new Error('x');
    error.cause = error;
    log.error('a', error);
    expect(entries).toHaveLength(1);
  });

  test('that cannot be shown is logged as such', () => {
    const { log, entries } = bench();
    const error = {
      [inspect.custom]() {
        throw new Error('x');
      },
    };
    log.error('a', error);
    log.error('a', Object.create(null));
    expect(entries).toEqual([
      ['error', 'Something was thrown that cannot be shown.'],
      ['error', '[Object: null prototype] {}'],
    ]);
  });
});

const FORGED = String.raw`no\n[Nest] 1 ERROR all is lost\u{1b}[31m`;

test('a logger that throws, or lacks a method, does not break its caller', () => {
  const log = new BoundedLog(() => ({
    log() {},
    warn() {},
    error() {
      throw new Error('disk full');
    },
  }));
  expect(() => log.error('a', 'x')).not.toThrow();
  expect(() => log.debug('a', 'x')).not.toThrow();
});
