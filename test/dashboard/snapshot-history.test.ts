import { describe, expect, test } from 'vitest';
import { pageSnapshot } from '../../lib/dashboard/page-snapshot.js';
import { SnapshotHistory } from '../../lib/dashboard/snapshot-history.js';
import { serverOf, snapshotOf } from './fake-fleet.js';

const page = (at: number, servers = 1) =>
  pageSnapshot(
    snapshotOf(at, { servers: Array.from({ length: servers }, (_, n) => serverOf(`s${n}`)) }),
  );

describe('SnapshotHistory', () => {
  test('counts up, and hands out the bytes of each', () => {
    const history = new SnapshotHistory({ keepMs: 10_000, maxBytes: 1e6 });
    expect([history.first, history.next]).toEqual([1, 1]);
    history.add(page(1000));
    history.add(page(2000));
    expect([history.first, history.next]).toEqual([1, 3]);
    expect(JSON.parse(history.at(2)?.json.toString() ?? '')).toMatchObject({ at: 2000 });
    expect(history.at(0)).toBeUndefined();
    expect(history.at(3)).toBeUndefined();
  });

  test('drops what is older than it keeps, and numbers stay', () => {
    const history = new SnapshotHistory({ keepMs: 3000, maxBytes: 1e6 });
    for (let at = 1000; at <= 10_000; at += 1000) history.add(page(at));
    expect([history.first, history.next]).toEqual([7, 11]);
    expect(history.at(6)).toBeUndefined();
    expect(history.at(7)?.at).toBe(7000);
  });

  test('never has more bytes than it may, however large the fleet is', () => {
    const history = new SnapshotHistory({ keepMs: 1e9, maxBytes: 100_000 });
    for (let at = 1; at <= 300; at++) {
      history.add(page(at, at % 40));
      expect(history.bytes).toBeLessThanOrEqual(100_000);
    }
    const kept = history.next - history.first;
    expect(kept).toBeGreaterThan(1);
    let bytes = 0;
    for (let number = history.first; number < history.next; number++) {
      bytes += history.at(number)?.json.length ?? 0;
    }
    expect(history.bytes).toBe(bytes);
  });

  test('keeps the newest even if that alone is too large', () => {
    const history = new SnapshotHistory({ keepMs: 1000, maxBytes: 10 });
    history.add(page(1));
    history.add(page(2));
    expect([history.first, history.next]).toEqual([2, 3]);
  });

  test('a clock that is set back drops nothing that is still to be shown', () => {
    const history = new SnapshotHistory({ keepMs: 3000, maxBytes: 1e6 });
    history.add(page(10_000));
    history.add(page(5000));
    expect(history.at(2)?.at).toBe(5000);
  });
});
