import { describe, expect, test } from 'vitest';
import { ResponseTimes } from '../../lib/core/response-times.js';

const answering = (...ms: number[]) =>
  ms.map((afterMs) => {
    const times = new ResponseTimes(() => []);
    times.succeeded(afterMs, 0);
    return times;
  });

const among = (...peers: ResponseTimes[]) => new ResponseTimes(() => peers);

describe('a server that fails', () => {
  test('looks no faster for it', () => {
    const times = among();
    times.succeeded(40, 0);
    times.failed(1, 0);
    expect(times.expectedAt(0)).toBe(40);
  });

  test('looks slower if it took longer to fail than others take to succeed', () => {
    const times = among();
    times.succeeded(40, 0);
    times.failed(90, 0);
    expect(times.expectedAt(0)).toBe(90);
  });

  test('takes what its peers take if no call of it has succeeded', () => {
    const times = among(...answering(10, 30, 80));
    times.failed(1, 0);
    expect(times.expectedAt(0)).toBe(30);
  });

  test('of two peers, what the slower one takes', () => {
    const times = among(...answering(10, 30));
    times.failed(1, 0);
    expect(times.expectedAt(0)).toBe(30);
  });

  test('takes ever more what its peers take, the longer ago its last success was', () => {
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

  test('is measured by peers that have succeeded of late, if there are such', () => {
    const [late] = answering(80);
    const recent = among();
    recent.succeeded(20, 60_000);
    const times = among(...answering(0), ...(late ? [late] : []), recent);
    times.failed(1, 60_000);
    expect(times.expectedAt(60_000)).toBe(20);
  });

  test('is unknown as long as all are', () => {
    const times = among(among());
    times.failed(1, 0);
    expect(times.expectedAt(0)).toBeUndefined();
  });
});

describe('failed calls count as load', () => {
  test('until a success would have ended: for the time of one success in all', () => {
    const times = among(...answering(20));
    times.failed(5, 0);
    expect(times.failedLoadAt(0)).toBeCloseTo(15 / 20);
    expect(times.failedLoadAt(20)).toBeCloseTo(15 / 20 / Math.E);
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

  test('one each, for ten seconds, as long as nobody knows what a success takes', () => {
    const times = among();
    times.failed(1, 0);
    times.failed(1, 0);
    expect(times.failedLoadAt(0)).toBe(2);
    expect(times.failedLoadAt(10_000)).toBeCloseTo(2 / Math.E);
  });

  test('and successes that take no time at all divide by nothing', () => {
    const times = among(...answering(0));
    times.failed(0, 0);
    times.failed(5, 0);
    expect(times.failedLoadAt(0)).toBeLessThanOrEqual(2);
    expect(times.failedLoadAt(100)).toBeCloseTo(0);
  });
});
