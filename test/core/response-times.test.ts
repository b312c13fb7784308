import { describe, expect, test } from 'vitest';
import { ResponseTimes } from '../../lib/core/response-times.js';

const answering = (...ms: number[]) =>
  ms.map((afterMs) => {
    const times = new ResponseTimes(() => []);
    times.succeeded(afterMs, 0);
    return times;
  });

const among = (...peers: ResponseTimes[]) => new ResponseTimes(() => peers);

describe('a failing server', () => {
  test('looks no faster for its failures', () => {
    const times = among();
    times.succeeded(40, 0);
    times.failed(1, 0);
    expect(times.expectedAt(0)).toBe(40);
  });

  test('looks slower if failing takes longer than others take to succeed', () => {
    const times = among();
    times.succeeded(40, 0);
    times.failed(90, 0);
    expect(times.expectedAt(0)).toBe(90);
  });

  test('counts as fast as its peers if none of its calls has succeeded', () => {
    const times = among(...answering(10, 30, 80));
    times.failed(1, 0);
    expect(times.expectedAt(0)).toBe(30);
  });

  test('counts as fast as the slower one of two peers', () => {
    const times = among(...answering(10, 30));
    times.failed(1, 0);
    expect(times.expectedAt(0)).toBe(30);
  });

  test('counts more and more as its peers, the longer ago its last success was', () => {
    const peer = among();
    const times = among(peer);
    times.succeeded(10, 0);
    const at = (now: number) => {
      peer.succeeded(40, now);
      times.failed(1, now);
      return times.expectedAt(now);
    };
    expect(at(0)).toBe(10);
    expect(at(10_000)).toBeCloseTo(40 * (1 - 1 / Math.E));
    expect(at(100_000)).toBeCloseTo(40, 1);
    times.succeeded(10, 100_000);
    expect(times.expectedAt(100_000)).toBeCloseTo(10, 1);
  });

  test('is compared with peers that succeeded recently, if there are any', () => {
    const [late] = answering(80);
    const recent = among();
    recent.succeeded(20, 60_000);
    const times = among(...answering(0), ...(late ? [late] : []), recent);
    times.failed(1, 60_000);
    expect(times.expectedAt(60_000)).toBe(20);
  });

  test('is not compared with a peer whose last success was ten seconds ago, if there is another', () => {
    const later = among();
    later.succeeded(20, 5000);
    const times = among(...answering(80), later);
    times.failed(1, 10_000);
    expect(times.expectedAt(10_000)).toBeCloseTo(20 * Math.exp(-0.5));
  });

  test('is compared with all peers if none succeeded recently', () => {
    const times = among(...answering(10, 40));
    times.failed(1, 10_000);
    expect(times.expectedAt(10_000)).toBeCloseTo(40 / Math.E);
  });

  test('is compared with the median of its peers, in whatever order', () => {
    const times = among(...answering(80, 10, 30));
    times.failed(1, 0);
    expect(times.expectedAt(0)).toBe(30);
  });

  test('looks neither slower nor more recently measured after failing fast', () => {
    const times = among();
    times.succeeded(40, 0);
    times.failed(1, 5000);
    expect(times.expectedAt(10_000)).toBeCloseTo(40 / Math.E);
  });

  test('is measured by itself alone from its next success on', () => {
    const times = among(...answering(40));
    times.failed(1, 0);
    times.succeeded(10, 0);
    expect(times.expectedAt(10_000)).toBeCloseTo(10 / Math.E);
  });

  test('asks its peers at most every 10 ms, since picks are frequent', () => {
    let asked = 0;
    const peer = among();
    peer.succeeded(20, 0);
    const times = new ResponseTimes(() => (asked++, [peer]));
    times.failed(1, 0);
    peer.succeeded(80, 0);
    expect([times.expectedAt(0), times.expectedAt(9.9), asked]).toEqual([20, 20, 1]);
    expect(times.expectedAt(10)).toBeGreaterThan(70);
    expect(asked).toBe(2);
  });

  test('asks 200 peers at most every 200 ms, so that a pick costs no more with more servers', () => {
    let asked = 0;
    const peers = answering(...Array.from({ length: 200 }, () => 20));
    const times = new ResponseTimes(() => (asked++, peers));
    times.failed(1, 0);
    for (let now = 0; now < 200; now++) times.expectedAt(now);
    expect(asked).toBe(1);
    times.expectedAt(200);
    expect(asked).toBe(2);
  });

  test('is unknown while all are', () => {
    const times = among(among());
    times.failed(1, 0);
    expect(times.expectedAt(0)).toBeUndefined();
  });
});

test('a server that never failed is measured by itself alone, and is unknown at first', () => {
  const times = among(...answering(30));
  expect(times.expectedAt(0)).toBeUndefined();
  times.isSlowerThan(50, 0);
  expect(times.expectedAt(0)).toBe(50);
});

test('an abandoned call is ignored if it ended earlier than expected', () => {
  const times = among();
  times.succeeded(50, 0);
  times.isSlowerThan(10, 10_000);
  expect(times.expectedAt(10_000)).toBeCloseTo(50 / Math.E);
  times.isSlowerThan(60, 10_000);
  expect(times.expectedAt(10_000)).toBe(60);
});

describe('failed calls count as load', () => {
  test('until a success would have ended: in all for the time of one success', () => {
    const times = among(...answering(20));
    times.failed(5, 0);
    expect(times.failedLoadAt(0)).toBeCloseTo(15 / 20);
    expect(times.failedLoadAt(20)).toBeCloseTo(15 / 20 / Math.E);
  });

  test('at whatever time they failed', () => {
    const times = among(...answering(20));
    times.failed(5, 1000);
    expect(times.failedLoadAt(1000)).toBeGreaterThan(0.7);
    expect(times.failedLoadAt(1020)).toBeGreaterThan(0.2);
  });

  test('until they are forgotten; then the expected time is no longer computed', () => {
    let asked = 0;
    const times = new ResponseTimes(() => (asked++, answering(20)));
    times.failed(1, 0);
    expect(times.failedLoadAt(1000)).toBeLessThan(0.001);
    expect([times.failedLoadAt(2000), asked]).toEqual([0, 2]);
  });

  test('each of them', () => {
    const times = among(...answering(20));
    for (let n = 0; n < 10; n++) times.failed(0, 0);
    expect(times.failedLoadAt(0)).toBeCloseTo(10);
    expect(times.failedLoadAt(500)).toBeCloseTo(0);
    expect(times.failedLoadAt(501)).toBe(0);
  });

  test('not if they took as long as a success', () => {
    const times = among(...answering(20));
    times.failed(30, 0);
    expect(times.failedLoadAt(0)).toBe(0);
  });

  test('as one each, for ten seconds, while the time of a success is unknown', () => {
    const times = among();
    times.failed(1, 0);
    times.failed(1, 0);
    expect(times.failedLoadAt(0)).toBe(2);
    expect(times.failedLoadAt(10_000)).toBeCloseTo(2 / Math.E);
  });

  test('without a division by zero if successes take no time', () => {
    const times = among(...answering(0));
    times.failed(0, 0);
    times.failed(5, 0);
    expect(times.failedLoadAt(0)).toBeLessThanOrEqual(2);
    expect(times.failedLoadAt(100)).toBeCloseTo(0);
  });
});

describe('the typical time', () => {
  test('of a new server starts from the median of its peers, so that a slow first answer is not held against it', () => {
    const times = among(...answering(1, 1, 100));
    times.succeeded(256, 0);
    expect(times.typicalAt(0)).toBeCloseTo(2);
  });

  test('of a new server is that of its first answer if there are no peers', () => {
    const times = among();
    times.succeeded(256, 0);
    expect(times.typicalAt(0)).toBeCloseTo(256);
  });

  test('starts from peers that have been idle, as they were', () => {
    const times = among(...answering(8));
    times.succeeded(8, 60_000);
    expect(times.typicalAt(60_000)).toBeCloseTo(8);
  });

  test('counts calls that were given up, and slow failures', () => {
    const [abandoned, failed] = [among(), among()];
    for (const times of [abandoned, failed]) times.succeeded(1, 0);
    abandoned.isSlowerThan(256, 0);
    failed.failed(256, 0);
    expect(abandoned.typicalAt(0)).toBeCloseTo(2);
    expect(failed.typicalAt(0)).toBeCloseTo(2);
  });

  test('of a server that fails is no shorter than that of its peers, the more so the longer it fails', () => {
    const peer = among();
    const times = among(peer);
    times.succeeded(10, 0);
    peer.succeeded(40, 0);
    times.failed(1, 0);
    expect(times.typicalAt(0)).toBeCloseTo(10);
    peer.succeeded(40, 100_000);
    times.failed(1, 100_000);
    expect(times.typicalAt(100_000)).toBeCloseTo(40, 0);
    times.succeeded(10, 100_000);
    expect(times.typicalAt(100_000)).toBeCloseTo(10);
  });

  test('of a server that has only failed is that of its peers', () => {
    const times = among(...answering(10, 30, 80));
    times.failed(1, 0);
    expect(times.typicalAt(0)).toBeCloseTo(30);
  });
});
