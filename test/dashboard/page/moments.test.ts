import { describe, expect, test } from 'vitest';
import { Moments } from '../../../lib/dashboard/page/moments.js';
import { pageSnapshot } from '../../../lib/dashboard/page-snapshot.js';
import { eventOf, snapshotOf } from '../fake-fleet.js';

function filled(times: readonly number[], keepMs = 600_000): Moments {
  const moments = new Moments();
  moments.begin('run1', keepMs);
  for (const [index, at] of times.entries()) {
    moments.add(index + 1, pageSnapshot(snapshotOf(at, { events: [eventOf({ at })] })));
  }
  return moments;
}

describe('Moments', () => {
  test('finds what was shown at any time', () => {
    const moments = filled([1000, 2000, 4000]);
    const shown = (at: number) => moments.at(at)?.snapshot.at;
    expect([0, 1000, 1999, 2000, 3999, 4000, 9000].map(shown)).toEqual([
      1000, 1000, 1000, 2000, 2000, 4000, 4000,
    ]);
    expect(new Moments().at(1)).toBeUndefined();
  });

  test('keeps no more than the server does', () => {
    const times = Array.from({ length: 1000 }, (_, second) => second * 1000);
    const moments = filled(times);
    expect(moments.all).toHaveLength(601);
    expect(moments.oldest?.snapshot.at).toBe(399_000);
  });

  test('takes nothing twice after a reconnection, and begins anew with another run', () => {
    const moments = filled([1000, 2000]);
    moments.begin('run1', 600_000);
    expect(moments.add(2, pageSnapshot(snapshotOf(2000)))).toBe(false);
    expect(moments.all).toHaveLength(2);
    expect(moments.add(3, pageSnapshot(snapshotOf(2500)))).toBe(true);
    moments.begin('run2', 600_000);
    expect(moments.all).toHaveLength(0);
    moments.add(1, pageSnapshot(snapshotOf(3000)));
    expect(moments.newest?.snapshot.at).toBe(3000);
  });

  test('lists what has happened until a moment, each under a key of its own', () => {
    const moments = filled([1000, 2000, 3000]);
    const events = moments.events(2000);
    expect(events.map(({ at }) => at)).toEqual([1000, 2000]);
    expect(new Set(moments.events().map(({ key }) => key)).size).toBe(3);
  });
});
