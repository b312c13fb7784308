import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { ServerView } from '../../../lib/core/balancer.js';
import { p2c } from '../../../lib/core/balancers/p2c.js';
import { seededRandom } from '../../support/random.js';
import { type Servers, tally, view } from './server-view.js';
import { fixSeed } from '../../support/fix-seed.js';

fixSeed(16);

/** How often each server is picked in many rounds. */
const shares = (servers: Servers, rounds = 4000) => {
  const random = seededRandom(7);
  return tally(rounds, () => p2c.pick(servers, { now: 0, random }));
};

/** Which of two servers wins in every one of many rounds, in either order. */
function winner(a: ServerView, b: ServerView): string {
  const names = [...Object.keys(shares([a, b], 200)), ...Object.keys(shares([b, a], 200))];
  return [...new Set(names)].join(' and ');
}

describe('the draw', () => {
  test('is always of two different servers: of two, the one of higher cost never wins', () => {
    const line = (endpoint: string, pending: number) => view(endpoint, { responseMs: 5, pending });
    expect(winner(line('short', 0), line('long', 1))).toBe('short');
  });

  test('reaches every server: equals share the calls evenly', () => {
    const equals: Servers = [
      view('a', { responseMs: 5 }),
      view('b', { responseMs: 5 }),
      view('c', { responseMs: 5 }),
      view('d', { responseMs: 5 }),
    ];
    const counts = shares(equals);
    expect(Object.keys(counts)).toHaveLength(4);
    for (const count of Object.values(counts)) expect(Math.abs(count - 1000)).toBeLessThan(100);
  });

  test('is of two, not of all: the best of four wins only when drawn, half of the time', () => {
    const counts = shares([
      view('a', { responseMs: 1, pending: 0 }),
      view('b', { responseMs: 1, pending: 1 }),
      view('c', { responseMs: 1, pending: 2 }),
      view('d', { responseMs: 1, pending: 3 }),
    ]);
    // Of the six pairs, three contain a, two of the rest contain b, and one is left to c.
    expect(Math.abs((counts['a'] ?? 0) - 2000)).toBeLessThan(150);
    expect(Math.abs((counts['b'] ?? 0) - 1333)).toBeLessThan(150);
    expect(Math.abs((counts['c'] ?? 0) - 667)).toBeLessThan(150);
    expect(counts['d']).toBeUndefined();
  });

  test('is skipped when there is one server', () => {
    const only = view('only');
    const random = () => {
      throw new Error('there is nothing to draw');
    };
    expect(p2c.pick([only], { now: 0, random })).toBe(only);
  });

  test('returns one of the servers for every random number', () => {
    const chance = fc.oneof(
      fc.constantFrom(0, 1 - 2 ** -53),
      fc.double({ min: 0, max: 1, maxExcluded: true, noNaN: true }),
    );
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 9 }), chance, chance, (count, first, second) => {
        const draws = [first, second];
        const [head, ...others] = Array.from({ length: count }, (_, n) => view(String(n)));
        const servers: Servers = [head ?? view('0'), ...others];
        const picked = p2c.pick(servers, { now: 0, random: () => draws.shift() ?? NaN });
        expect(servers).toContain(picked);
      }),
    );
  });
});

describe('the cost', () => {
  test('is the response time, times the calls in flight plus the new one', () => {
    const busy = view('busy', { responseMs: 10, pending: 3 });
    expect(winner(busy, view('slow', { responseMs: 39 }))).toBe('slow');
    expect(winner(busy, view('slow', { responseMs: 41 }))).toBe('busy');
  });

  test('of equally fast servers is decided by calls in flight', () => {
    const line = (endpoint: string, pending: number) => view(endpoint, { responseMs: 10, pending });
    expect(winner(line('long', 2), line('short', 1))).toBe('short');
  });

  test('is estimated from heartbeats before the first answer', () => {
    const near = view('near', { latencyMs: 2 });
    expect(winner(near, view('far', { latencyMs: 80 }))).toBe('near');
  });

  test('uses response times rather than heartbeats once there are any', () => {
    const slow = view('slow', { latencyMs: 1, responseMs: 500 });
    expect(winner(slow, view('quick', { latencyMs: 90, responseMs: 100, pending: 1 }))).toBe(
      'quick',
    );
  });

  test('decays with time since the last answer', () => {
    const fading: ServerView = { ...view('fading'), responseMs: (now) => (now < 1000 ? 50 : 1) };
    const servers: Servers = [fading, view('steady', { responseMs: 10, pending: 1 })];
    const random = seededRandom(1);
    expect(p2c.pick(servers, { now: 999, random }).endpoint).toBe('steady');
    expect(p2c.pick(servers, { now: 1000, random }).endpoint).toBe('fading');
  });
});

describe('a server without history', () => {
  test('gets one call before all others', () => {
    expect(winner(view('new'), view('quick', { responseMs: 0.1 }))).toBe('new');
  });

  test('gets no second call before the first returns, if another server is available', () => {
    const tried = view('new', { pending: 1 });
    expect(winner(tried, view('slow', { responseMs: 60_000, pending: 100 }))).toBe('slow');
  });

  test('gets the next call if it has the fewest in flight of its kind', () => {
    expect(winner(view('b', { pending: 2 }), view('a', { pending: 1 }))).toBe('a');
    expect(winner(view('b', { pending: 1 }), view('a'))).toBe('a');
  });
});

test('a server that has not answered yet gets no second call before the first returns', () => {
  const fresh = view('new', { latencyMs: 0.2, pending: 1 });
  expect(winner(fresh, view('proven', { responseMs: 150, pending: 20 }))).toBe('proven');
});

describe('between servers with as many calls in flight, chance decides', () => {
  /** The share of the calls that the second of two servers gets. */
  const shareOf = (other: ServerView, first: ServerView = view('first', { responseMs: 10 })) =>
    (shares([first, other], 20_000)[other.endpoint] ?? 0) / 20_000;

  test.each([
    ['as fast', 10, 0.5],
    ['1.3 times as slow', 13, 0.31],
    ['twice as slow', 20, 0.11],
    ['twice as fast', 5, 0.89],
    ['ten times as slow', 100, 0.001],
  ])('by the cube of their ratio: a server that is %s', (_, responseMs, share) => {
    expect(shareOf(view('other', { responseMs }))).toBeCloseTo(share, 2);
  });

  test('by what a call typically takes, not by the slowest answer of late', () => {
    expect(shareOf(view('other', { responseMs: 500, typicalMs: 10 }))).toBeCloseTo(0.5, 2);
  });

  test('also with many in flight', () => {
    const busy = (endpoint: string, responseMs: number) =>
      view(endpoint, { responseMs, pending: 9 });
    expect(shareOf(busy('other', 20), busy('first', 10))).toBeCloseTo(0.11, 2);
  });

  test('not where one is unknown: that gets one call', () => {
    expect(shareOf(view('other', { latencyMs: 5 }))).toBe(1);
  });

  test('also where failed calls make a small difference, which counts', () => {
    const failed: ServerView = { ...view('other', { responseMs: 10 }), failedLoad: () => 0.3 };
    expect(shareOf(failed)).toBeCloseTo(1 / (1 + 1.3 ** 3), 2);
  });

  test('however long nothing was called: of two times that have decayed to zero, either wins', () => {
    const [a, b] = [view('a', { responseMs: 0 }), view('b', { responseMs: 0 })];
    expect(shareOf(b, a)).toBeCloseTo(0.5, 2);
  });
});

describe('the load that a server reports', () => {
  test.each([
    ['half full, as quick', 5, 0.5, 5, 'other'],
    ['half full, but more than twice as quick', 2, 0.5, 5, 'loaded'],
    ['full, but a hundred times as quick', 0.05, 1, 5, 'loaded'],
    ['full, and ten times as quick', 0.5, 1, 5, 'other'],
  ])('divides by the free share: %s', (_, responseMs, load, otherMs, wins) => {
    const loaded = view('loaded', { responseMs, load, pending: 1 });
    // Twice as long, for half the line.
    expect(winner(loaded, view('other', { responseMs: 2 * otherMs }))).toBe(wins);
  });

  test('shifts the odds of servers with as many calls in flight', () => {
    const counts = shares([
      view('loaded', { responseMs: 5, load: 0.5 }),
      view('other', { responseMs: 5 }),
    ]);
    expect((counts['loaded'] ?? 0) / 4000).toBeCloseTo(1 / 9, 1);
  });

  test('counts before the first answer as well', () => {
    const [loaded, other] = [
      view('loaded', { latencyMs: 5, load: 0.5 }),
      view('other', { latencyMs: 6 }),
    ];
    expect(winner(loaded, other)).toBe('other');
  });
});

test('a server that has just failed its calls does not look idle', () => {
  const failing: ServerView = { ...view('failing', { responseMs: 10 }), failedLoad: () => 3 };
  expect(winner(failing, view('busy', { responseMs: 10, pending: 2 }))).toBe('busy');
  expect(winner(failing, view('busier', { responseMs: 10, pending: 4 }))).toBe('failing');
});

test('among servers without any success, the one with fewer calls gets the next', () => {
  const failing: ServerView = { ...view('failing'), failedLoad: () => 3 };
  expect(winner(failing, view('slow', { pending: 2 }))).toBe('slow');
  expect(winner(failing, view('slow', { pending: 4 }))).toBe('failing');
});
