import type { MessageHandler } from '@nestjs/microservices';
import { describe, expect, test } from 'vitest';
import { listPatterns, type RegisteredPattern } from '../../../lib/nest/server/pattern-list.js';

type Extras = Record<string, unknown>;

/** As Nest keeps handlers: a linked list, each with its extras. */
function registered(
  route: string,
  kind: RegisteredPattern['kind'] = 'call',
  ...each: Extras[]
): RegisteredPattern {
  const handlers = (each.length > 0 ? each : [{}]).map((extras): MessageHandler =>
    Object.assign(() => Promise.resolve(), { extras }),
  );
  for (const [index, handler] of handlers.entries()) {
    const next = handlers[index + 1];
    if (next) handler.next = next;
  }
  const [first] = handlers;
  if (!first) throw new Error('no handler');
  return { route, kind, first };
}

test('patterns are sorted, a call before an event of the same pattern', () => {
  const { patterns, ...more } = listPatterns([
    registered('sum', 'event'),
    registered('b'),
    registered('sum'),
    registered('B'),
    registered('a.b', 'event'),
  ]);
  expect(patterns.map(({ pattern, kind }) => `${kind} ${pattern}`)).toEqual([
    'call B',
    'event a.b',
    'call b',
    'call sum',
    'event sum',
  ]);
  expect(more).toEqual({});
});

test('an object is named by its JSON with sorted members, as in stats()', () => {
  const { patterns } = listPatterns([registered('{"version":2,"cmd":"object"}')]);
  expect(patterns).toEqual([
    { pattern: '{"cmd":"object","version":2}', kind: 'call', atMostOnce: false },
  ]);
});

test('the readiness check and raw requests are not listed', () => {
  const all = ['PING', 'REQUEST', 'PINGS'].map((route) => registered(route));
  expect(listPatterns(all).patterns.map(({ pattern }) => pattern)).toEqual(['PINGS']);
});

test('a pattern is at most once if any of its handlers is', () => {
  const { patterns } = listPatterns([registered('a', 'event', {}, { atMostOnce: true })]);
  expect(patterns).toMatchObject([{ atMostOnce: true }]);
});

describe('a description', () => {
  const described = (...each: Extras[]) =>
    listPatterns([registered('a', 'event', ...each)]).patterns[0];

  test('is the text in the extras, of the first handler that has one', () => {
    expect(described({ description: 'Adds' })).toHaveProperty('description', 'Adds');
    expect(described({}, { description: 'Adds' }, { description: 'no' })).toHaveProperty(
      'description',
      'Adds',
    );
  });

  test.each([undefined, null, '', 5, true, ['Adds'], { text: 'Adds' }, () => 'Adds', Symbol('s')])(
    'that is no text is ignored, since extras belong to other libraries as well: %s',
    (description) => {
      expect(described({ description })).not.toHaveProperty('description');
    },
  );

  test('is cut, and not within a character', () => {
    expect(described({ description: 'x'.repeat(1000) })?.description).toHaveLength(1000);
    expect(described({ description: 'x'.repeat(1001) })?.description).toBe(`${'x'.repeat(1000)}…`);
    const cut = described({ description: `${'x'.repeat(999)}🌍` })?.description;
    expect(cut?.isWellFormed()).toBe(true);
  });
});

describe('a list is bounded', () => {
  const many = (count: number, route: (index: number) => string) =>
    Array.from({ length: count }, (_, index) => registered(route(index)));

  test('to 1000 patterns, and says how many there are beside them', () => {
    const name = (index: number) => `p${String(index).padStart(5, '0')}`;
    expect(listPatterns(many(1000, name))).not.toHaveProperty('morePatterns');
    const { patterns, morePatterns } = listPatterns(many(5000, name).toReversed());
    expect(patterns).toHaveLength(1000);
    expect(patterns.at(-1)?.pattern).toBe('p00999');
    expect(morePatterns).toBe(4000);
  });

  test('to 256 KiB', () => {
    const { patterns, morePatterns = 0 } = listPatterns(
      many(1000, (index) => `${String(index).padStart(5, '0')}${'x'.repeat(1000)}`),
    );
    expect(JSON.stringify(patterns).length).toBeLessThan(257 * 1024);
    expect(patterns.length).toBeGreaterThan(200);
    expect(patterns.length + morePatterns).toBe(1000);
  });

  test('also if the first pattern alone exceeds that', () => {
    expect(listPatterns([registered('x'.repeat(300_000))])).toEqual({
      patterns: [],
      morePatterns: 1,
    });
  });
});
