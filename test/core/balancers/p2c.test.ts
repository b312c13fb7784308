import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { ServerView } from '../../../lib/core/balancer.js';
import { p2c } from '../../../lib/core/balancers/p2c.js';
import { seededRandom } from '../../support/random.js';
import { type Servers, tally, view } from './server-view.js';
import { fixSeed } from '../../support/fix-seed.js';

fixSeed(16);

/** How often each is picked in many rounds. */
const shares = (servers: Servers, rounds = 4000) => {
  const random = seededRandom(7);
  return tally(rounds, () => p2c.pick(servers, { now: 0, random }));
};

/** Which of two wins, in every one of many rounds and in either order. */
function winner(a: ServerView, b: ServerView): string {
  const names = [...Object.keys(shares([a, b], 200)), ...Object.keys(shares([b, a], 200))];
  return [...new Set(names)].join(' and ');
}

describe('the draw', () => {
  test('is always of two different servers: of two, the costlier one never wins', () => {
    expect(winner(view('quick', { responseMs: 5 }), view('slow', { responseMs: 6 }))).toBe('quick');
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

  test('is of two, not of all: the best of four wins wherever it is drawn, half of the time', () => {
    const counts = shares([
      view('a', { responseMs: 1 }),
      view('b', { responseMs: 20 }),
      view('c', { responseMs: 30 }),
      view('d', { responseMs: 40 }),
    ]);
    // Of the six pairs, three have a, two of the rest have b, and one is left to c.
    expect(Math.abs((counts['a'] ?? 0) - 2000)).toBeLessThan(150);
    expect(Math.abs((counts['b'] ?? 0) - 1333)).toBeLessThan(150);
    expect(Math.abs((counts['c'] ?? 0) - 667)).toBeLessThan(150);
    expect(counts['d']).toBeUndefined();
  });

  test('is spared where there is no choice', () => {
    const only = view('only');
    const random = () => {
      throw new Error('there is nothing to draw');
    };
    expect(p2c.pick([only], { now: 0, random })).toBe(only);
  });

  test('yields one of the servers for every number that chance may bring', () => {
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
  test('is the response time, once for each call in the line and for the new one', () => {
    const busy = view('busy', { responseMs: 10, pending: 3 });
    expect(winner(busy, view('slow', { responseMs: 39 }))).toBe('slow');
    expect(winner(busy, view('slow', { responseMs: 41 }))).toBe('busy');
  });

  test('of equals in speed is the length of the line', () => {
    const line = (endpoint: string, pending: number) => view(endpoint, { responseMs: 10, pending });
    expect(winner(line('long', 2), line('short', 1))).toBe('short');
  });

  test('is guessed from heartbeats before the first answer', () => {
    const near = view('near', { latencyMs: 2 });
    expect(winner(near, view('far', { latencyMs: 80 }))).toBe('near');
  });

  test('is told by answers rather than by heartbeats', () => {
    const slow = view('slow', { latencyMs: 1, responseMs: 500 });
    expect(winner(slow, view('quick', { latencyMs: 90, responseMs: 100 }))).toBe('quick');
  });

  test('is that of the moment', () => {
    const fading: ServerView = { ...view('fading'), responseMs: (now) => (now < 1000 ? 50 : 1) };
    const servers: Servers = [fading, view('steady', { responseMs: 10 })];
    const random = seededRandom(1);
    expect(p2c.pick(servers, { now: 999, random }).endpoint).toBe('steady');
    expect(p2c.pick(servers, { now: 1000, random }).endpoint).toBe('fading');
  });
});

describe('a server of which nothing is known', () => {
  test('gets one call before all others', () => {
    expect(winner(view('new'), view('quick', { responseMs: 0.1 }))).toBe('new');
  });

  test('gets no second one before the first is back, if any other is to be had', () => {
    const tried = view('new', { pending: 1 });
    expect(winner(tried, view('slow', { responseMs: 60_000, pending: 100 }))).toBe('slow');
  });

  test('gets the next call if its line is the shortest among its like', () => {
    expect(winner(view('b', { pending: 2 }), view('a', { pending: 1 }))).toBe('a');
    expect(winner(view('b', { pending: 1 }), view('a'))).toBe('a');
  });
});

test('a server that has not answered yet gets no second call before the first is back', () => {
  const fresh = view('new', { latencyMs: 0.2, pending: 1 });
  expect(winner(fresh, view('proven', { responseMs: 150, pending: 20 }))).toBe('proven');
});

describe('the load that a server tells of', () => {
  test.each([
    ['half full, as quick', 5, 0.5, 5, 'other'],
    ['half full, but more than twice as quick', 2, 0.5, 5, 'loaded'],
    ['full, but a hundred times as quick', 0.05, 1, 5, 'loaded'],
    ['full, and ten times as quick', 0.5, 1, 5, 'other'],
  ])('counts by what it leaves free: %s', (_, responseMs, load, otherMs, wins) => {
    expect(
      winner(view('loaded', { responseMs, load }), view('other', { responseMs: otherMs })),
    ).toBe(wins);
  });

  test('counts also before the first answer', () => {
    const [loaded, other] = [
      view('loaded', { latencyMs: 5, load: 0.5 }),
      view('other', { latencyMs: 6 }),
    ];
    expect(winner(loaded, other)).toBe('other');
  });
});

test('a server that has just failed its calls is not idle: they count as if they were in flight', () => {
  const failing: ServerView = { ...view('failing', { responseMs: 10 }), failedLoad: () => 3 };
  expect(winner(failing, view('busy', { responseMs: 10, pending: 2 }))).toBe('busy');
  expect(winner(failing, view('busier', { responseMs: 10, pending: 4 }))).toBe('failing');
});

test('of servers of which no call has ever succeeded, the one that had fewer gets the next', () => {
  const failing: ServerView = { ...view('failing'), failedLoad: () => 3 };
  expect(winner(failing, view('slow', { pending: 2 }))).toBe('slow');
  expect(winner(failing, view('slow', { pending: 4 }))).toBe('failing');
});
