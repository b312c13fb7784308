import { EventEmitter } from 'node:events';
import type { ServerResponse } from 'node:http';
import { describe, expect, test } from 'vitest';
import { Dashboard } from '../../lib/dashboard/dashboard.js';
import { FakeWatch, snapshotOf } from './fake-fleet.js';

/** A page that is open until the test closes it. */
class Page extends EventEmitter {
  readonly written: string[] = [];

  write(chunk: string | Buffer): boolean {
    this.written.push(chunk.toString());
    return true;
  }

  end(): void {
    this.emit('close');
  }

  get response(): ServerResponse {
    return this as unknown as ServerResponse;
  }
}

describe('Dashboard', () => {
  test('watches from its start until its end', () => {
    const watch = new FakeWatch();
    const dashboard = new Dashboard(watch, { maxViewers: 2, onlyWhileWatched: false });
    expect(watch.isWatching).toBe(false);
    dashboard.open();
    expect(watch.isWatching).toBe(true);
    dashboard.close();
    expect(watch.isWatching).toBe(false);
    expect(watch.starts).toBe(1);
  });

  test('with onlyWhileWatched, it watches once a page is open', () => {
    const watch = new FakeWatch();
    const dashboard = new Dashboard(
      watch,
      { maxViewers: 2, onlyWhileWatched: true },
      () => 1_700_000_000_000,
    );
    dashboard.open();
    expect(watch.isWatching).toBe(false);
    const [one, other] = [new Page(), new Page()];
    dashboard.stream(one.response, undefined);
    dashboard.stream(other.response, undefined);
    watch.tell(snapshotOf(1));
    expect(one.written).toEqual(other.written);
    expect(one.written).toHaveLength(2);
    one.end();
    other.end();
    // It lingers: a page that is loaded anew is back sooner.
    expect(watch.isWatching).toBe(true);
    dashboard.close();
    expect(watch.isWatching).toBe(false);
    expect(watch.starts).toBe(1);
  });

  test('the history ends with what there was when it was asked for, however much comes meanwhile', () => {
    const watch = new FakeWatch();
    const dashboard = new Dashboard(watch, { maxViewers: 2, onlyWhileWatched: false });
    dashboard.open();
    watch.tell(snapshotOf(1000));
    const pieces = dashboard.historyJson();
    let json = String(pieces.next().value);
    watch.tell(snapshotOf(2000));
    for (const piece of pieces) json += piece.toString();
    const { snapshots } = JSON.parse(json) as { snapshots: { at: number }[] };
    expect(snapshots.map(({ at }) => at)).toEqual([1000]);
  });

  test('keeps ten minutes', () => {
    const watch = new FakeWatch();
    const dashboard = new Dashboard(watch, { maxViewers: 2, onlyWhileWatched: false });
    dashboard.open();
    for (let second = 0; second <= 900; second++) watch.tell(snapshotOf(second * 1000));
    const json = [...dashboard.historyJson()].map(String).join('');
    const { snapshots } = JSON.parse(json) as { snapshots: { at: number }[] };
    expect([snapshots[0]?.at, snapshots.at(-1)?.at, snapshots.length]).toEqual([
      300_000, 900_000, 601,
    ]);
  });
});
