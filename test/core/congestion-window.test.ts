import { describe, expect, test } from 'vitest';
import { CongestionWindow } from '../../lib/core/congestion-window.js';

/** The longest of the pauses that may be drawn. */
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

describe('the room', () => {
  test('is that of ten calls at first, less those that are under way', () => {
    const window = new CongestionWindow();
    expect([0, 4, 10, 11].map((underWay) => window.room(underWay, 0))).toEqual([10, 6, 0, 0]);
  });

  test('grows by one with each call that was taken, so it doubles with each round trip', () => {
    const window = new CongestionWindow();
    taken(window, 10);
    expect(window.room(0, 0)).toBe(20);
    taken(window, 20);
    expect(window.room(0, 0)).toBe(40);
  });

  test('once a call was refused, grows by one with as many calls as it is large', () => {
    const window = reduced();
    expect(window.room(0, 1000)).toBe(5);
    taken(window, 5);
    expect(window.room(0, 1000)).toBe(5);
    taken(window, 1);
    expect(window.room(0, 1000)).toBe(6);
  });
});

describe('a refusal', () => {
  test('halves the room, once for all calls that were out', () => {
    const window = new CongestionWindow();
    window.refused(50, 100, longest);
    window.refused(60, 110, longest);
    window.refused(100, 120, longest);
    expect(window.room(0, 1000)).toBe(5);
    window.refused(101, 130, longest);
    expect(window.room(0, 1000)).toBe(2);
  });

  test('leaves room for one call, however many there were', () => {
    const window = new CongestionWindow();
    for (let now = 1; now < 100; now++) window.refused(now, now, longest);
    expect(window.room(0, 1e6)).toBe(1);
  });

  test('lets nothing out for a pause, which doubles up to a second with each that follows', () => {
    const window = new CongestionWindow();
    const pauses = [10_000, 20_000, 30_000, 40_000, 50_000].map((now) => {
      window.refused(now, now, longest);
      expect(window.room(0, window.resumesAt - 1)).toBe(0);
      expect(window.room(0, window.resumesAt)).toBeGreaterThan(0);
      return window.resumesAt - now;
    });
    expect(pauses).toEqual([100, 200, 400, 800, 1000]);
  });

  test('of a call that was out at the one before draws its pause by the same measure', () => {
    const window = new CongestionWindow();
    window.refused(50, 100, longest);
    window.refused(60, 150, longest);
    expect(window.resumesAt).toBe(250);
  });

  test('of a call that went out before any other was refused, and is told first, pauses as one', () => {
    const window = new CongestionWindow();
    window.refused(-Infinity, 0, longest);
    expect(window.room(0, 1000)).toBe(10);
    expect(window.resumesAt).toBe(100);
  });

  test('pauses for a moment even if chance draws none', () => {
    const window = new CongestionWindow();
    window.refused(0, 0, () => 0);
    expect([window.room(0, 0), window.room(0, 1)]).toEqual([0, 5]);
  });
});

test('a call that was taken ends the pause, and the next one is the first again', () => {
  const window = new CongestionWindow();
  window.refused(0, 0, longest);
  window.refused(1, 10, longest);
  window.taken();
  expect(window.room(0, 11)).toBe(2);
  window.refused(20, 20, longest);
  expect(window.resumesAt).toBe(120);
});

test('a server that came ends the pause, and the room doubles again: how much it takes is not known', () => {
  const window = new CongestionWindow();
  window.refused(0, 0, longest);
  window.serverCame();
  expect(window.room(0, 1)).toBe(5);
  taken(window, 5);
  expect(window.room(0, 1)).toBe(10);
});

test('when all servers went, what was known of them is forgotten', () => {
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
