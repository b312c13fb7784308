import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { Balancer, ServerView } from '../../../lib/core/balancer.js';
import { p2c } from '../../../lib/core/balancers/p2c.js';
import { callStream, lognormal, type Service, sharesOf } from '../../support/call-stream.js';
import { fixSeed } from '../../support/fix-seed.js';

fixSeed(62);

const CALLS = 10_000;
/** As many as a client makes in ten seconds, with 200 a second. */
const WINDOW = 2000;

/** The greatest share that a server has in any window of the calls, as a multiple of the even one. */
function unevenness(calls: readonly number[], servers: number): number {
  const windows = Array.from({ length: Math.ceil(calls.length / WINDOW) }, (_, n) =>
    calls.slice(n * WINDOW, (n + 1) * WINDOW),
  );
  return Math.max(...windows.flatMap((window) => sharesOf(window, servers))) * servers;
}

const stream = (servers: readonly Service[], seed: number, perSecond = 200, balancer = p2c) =>
  callStream({ balancer, servers, calls: CALLS, perSecond, seed });

/** The share of the last server. */
const lastShare = (servers: readonly Service[], seed: number, perSecond?: number) =>
  sharesOf(stream(servers, seed, perSecond), servers.length).at(-1) ?? NaN;

/** One call of 500 takes fifty times as long: a pause for garbage collection. */
const pausing: Service = (random, served) =>
  (random() < 0.002 ? 50 : 1) * lognormal(1, 0.2)(random, served);

/** A first call that takes `times` as long, as code is compiled and caches are filled. */
const cold =
  (times: number): Service =>
  (random, served) =>
    (served === 0 ? times : 1) * lognormal(1, 0.2)(random, served);

const seed = fc.integer({ min: 1, max: 1e9 });
const SOME_SEEDS = [1, 2, 3, 4, 5];

describe('equal servers get no more than 1.5 times their even share, in any 2000 calls', () => {
  test('however many they are, and however their times vary', () => {
    const counts = fc.integer({ min: 2, max: 8 });
    const sigmas = fc.double({ min: 0, max: 0.8, noNaN: true });
    const medians = fc.double({ min: 0.2, max: 50, noNaN: true });
    const rates = fc.constantFrom(20, 200, 1000);
    fc.assert(
      fc.property(counts, medians, sigmas, rates, seed, (count, median, sigma, rate, from) => {
        const servers = Array.from({ length: count }, () => lognormal(median, sigma));
        expect(unevenness(stream(servers, from, rate), count)).toBeLessThan(1.5);
      }),
      { numRuns: 40 },
    );
  });

  test.each([
    ['two that pause now and then', [pausing, pausing]],
    ['two whose first answers are slow, one of them three times as slow', [cold(30), cold(10)]],
    ['five whose first answers are slow', [cold(50), cold(40), cold(30), cold(20), cold(10)]],
  ])('%s', (_, servers) => {
    for (const from of SOME_SEEDS)
      expect(unevenness(stream(servers, from), servers.length)).toBeLessThan(1.5);
  });

  test('as they would if the lower cost always won', () => {
    const cost = (server: ServerView, now: number) =>
      (server.responseMs(now) ?? 0) * (server.pending + 1);
    const lowest: Balancer = {
      pick: (servers, { now }) =>
        servers.reduce((best, server) => (cost(server, now) < cost(best, now) ? server : best)),
    };
    for (const from of SOME_SEEDS)
      expect(unevenness(stream([cold(30), cold(10)], from, 200, lowest), 2)).toBeGreaterThan(1.9);
  });
});

describe('slow servers get few calls', () => {
  const quick = lognormal(1, 0.3);

  test.each([
    ['ten times as slow', 10, 0, 0.005],
    ['three times as slow', 3, 0.02, 0.1],
    ['twice as slow', 2, 0.1, 0.25],
    ['1.3 times as slow', 1.3, 0.3, 0.42],
    ['as quick', 1, 0.45, 0.55],
  ])('of two, one that is %s', (_, times, least, most) => {
    for (const from of SOME_SEEDS) {
      const share = lastShare([quick, lognormal(times, 0.3)], from);
      expect(share).toBeGreaterThan(least);
      expect(share).toBeLessThan(most);
    }
  });

  test('of four, one that is ten times as slow, and the others share evenly', () => {
    const servers = [quick, quick, quick, lognormal(10, 0.3)];
    for (const from of SOME_SEEDS) {
      const calls = stream(servers, from);
      expect(sharesOf(calls, 4)[3]).toBeLessThan(0.005);
      expect(unevenness(calls, 4)).toBeLessThan((1.2 * 4) / 3);
    }
  });

  test('one that becomes ten times as slow, within 30 of its calls, and one that recovers gets them back', () => {
    const until = CALLS / 4;
    const worsening: Service = (random, served) =>
      (served < until ? 1 : 10) * quick(random, served);
    const improving: Service = (random, served) => (served < 10 ? 10 : 1) * quick(random, served);
    for (const from of SOME_SEEDS) {
      expect(lastShare([quick, worsening], from) * CALLS).toBeLessThan(until + 30);
      expect(lastShare([quick, improving], from)).toBeGreaterThan(0.2);
    }
  });

  test('also of a busy client, by what is in flight', () => {
    const servers = [lognormal(20, 0.3), lognormal(20, 0.3), lognormal(200, 0.3)];
    for (const from of SOME_SEEDS) expect(lastShare(servers, from, 2000)).toBeLessThan(0.02);
  });
});
