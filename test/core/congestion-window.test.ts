import { describe, expect, test } from 'vitest';
import { CongestionWindow } from '../../lib/core/congestion-window.js';

/** A random number that draws the longest pause. */
const longest = () => 1;

/** A window with one refusal behind it at 0, whose pause is over. */
function reduced(): CongestionWindow {
  const window = new CongestionWindow();
  window.refused(0, 0, longest);
  return window;
}

const taken = (window: CongestionWindow, calls: number) => {
  for (let call = 0; call < calls; call++) window.taken();
};

describe('the window', () => {
  test('starts at ten calls, minus those in flight', () => {
    const window = new CongestionWindow();
    expect([0, 4, 10, 11].map((underWay) => window.room(underWay, 0))).toEqual([10, 6, 0, 0]);
  });

  test('grows by one per accepted call, and so doubles per round trip', () => {
    const window = new CongestionWindow();
    taken(window, 10);
    expect(window.room(0, 0)).toBe(20);
    taken(window, 20);
    expect(window.room(0, 0)).toBe(40);
  });

  test('grows by one per window of accepted calls after a refusal', () => {
    const window = reduced();
    expect(window.room(0, 1000)).toBe(5);
    taken(window, 5);
    expect(window.room(0, 1000)).toBe(5);
    taken(window, 1);
    expect(window.room(0, 1000)).toBe(6);
  });
});

describe('a refusal', () => {
  test('halves the window once for all calls in flight', () => {
    const window = new CongestionWindow();
    window.refused(50, 100, longest);
    window.refused(60, 110, longest);
    window.refused(100, 120, longest);
    expect(window.room(0, 1000)).toBe(5);
    window.refused(101, 130, longest);
    expect(window.room(0, 1000)).toBe(2);
  });

  test('leaves a window of at least one call', () => {
    const window = new CongestionWindow();
    for (let now = 1; now < 100; now++) window.refused(now, now, longest);
    expect(window.room(0, 1e6)).toBe(1);
  });

  test('pauses sending, and each further refusal doubles the pause up to a second', () => {
    const window = new CongestionWindow();
    const pauses = [10_000, 20_000, 30_000, 40_000, 50_000].map((now) => {
      window.refused(now, now, longest);
      expect(window.room(0, window.resumesAt - 1)).toBe(0);
      expect(window.room(0, window.resumesAt)).toBeGreaterThan(0);
      return window.resumesAt - now;
    });
    expect(pauses).toEqual([100, 200, 400, 800, 1000]);
  });

  test('of a call that was in flight at the previous refusal draws from the same ceiling', () => {
    const window = new CongestionWindow();
    window.refused(50, 100, longest);
    window.refused(60, 150, longest);
    expect(window.resumesAt).toBe(250);
  });

  test('of a call that went out before any refusal, but is reported first, counts as one', () => {
    const window = new CongestionWindow();
    window.refused(-Infinity, 0, longest);
    expect(window.room(0, 1000)).toBe(10);
    expect(window.resumesAt).toBe(100);
  });

  test('pauses for a moment even if the random delay is zero', () => {
    const window = new CongestionWindow();
    window.refused(0, 0, () => 0);
    expect([window.room(0, 0), window.room(0, 1)]).toEqual([0, 5]);
  });
});

test('an accepted call ends the pause, and the next pause is the first again', () => {
  const window = new CongestionWindow();
  window.refused(0, 0, longest);
  window.refused(1, 10, longest);
  window.taken();
  expect(window.room(0, 11)).toBe(2);
  window.refused(20, 20, longest);
  expect(window.resumesAt).toBe(120);
});

test('a new server ends the pause and restarts slow start, since its capacity is unknown', () => {
  const window = new CongestionWindow();
  window.refused(0, 0, longest);
  window.serverCame();
  expect(window.room(0, 1)).toBe(5);
  taken(window, 5);
  expect(window.room(0, 1)).toBe(10);
});

test('when no server is left, everything learned is forgotten', () => {
  const window = new CongestionWindow();
  window.refused(0, 0, longest);
  window.refused(1, 10, longest);
  window.serversWent();
  expect(window.room(0, 11)).toBe(10);
  taken(window, 10);
  expect(window.room(0, 11)).toBe(20);
  window.refused(20, 20, longest);
  expect(window.resumesAt).toBe(120);
});
