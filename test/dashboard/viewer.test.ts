import { EventEmitter } from 'node:events';
import type { ServerResponse } from 'node:http';
import { describe, expect, test } from 'vitest';
import { pageSnapshot } from '../../lib/dashboard/page-snapshot.js';
import { SnapshotHistory } from '../../lib/dashboard/snapshot-history.js';
import { type EventId, parseEventId, Viewer } from '../../lib/dashboard/viewer.js';
import { snapshotOf } from './fake-fleet.js';

/** A response whose reader takes what it is told to. */
class Reader extends EventEmitter {
  readonly written: string[] = [];
  isSlow = false;

  write(chunk: string | Buffer): boolean {
    this.written.push(chunk.toString());
    return !this.isSlow;
  }

  /** It has read everything so far. */
  drain(): void {
    this.emit('drain');
  }

  /** The ids of the snapshots that it got. */
  get ids(): number[] {
    return this.written.flatMap((text) => {
      const match = /^id: run1-(\d+)\n/m.exec(text);
      return match ? [Number(match[1])] : [];
    });
  }
}

function bench(keepMs = 1e9) {
  const history = new SnapshotHistory({ keepMs, maxBytes: 1e9 });
  const reader = new Reader();
  const open = (last?: EventId) =>
    new Viewer(reader as unknown as ServerResponse, history, 'run1', last, 1234);
  const add = (count: number) => {
    for (let n = 0; n < count; n++) history.add(pageSnapshot(snapshotOf(history.next)));
  };
  return { history, reader, open, add };
}

describe('Viewer', () => {
  test('begins with how soon to ask again, and which history it is', () => {
    const { reader, open } = bench();
    open();
    expect(reader.written).toEqual([
      'retry: 1000\nevent: hello\ndata: {"run":"run1","keepMs":1000000000,"now":1234}\n\n',
    ]);
  });

  test('sends all that there is, then what comes, each snapshot as one message', () => {
    const { reader, open, add } = bench();
    add(2);
    const viewer = open();
    viewer.pump();
    expect(reader.ids).toEqual([1, 2]);
    add(1);
    viewer.pump();
    expect(reader.ids).toEqual([1, 2, 3]);
    expect(reader.written.at(-1)).toMatch(/^id: run1-3\ndata: \{.*\}\n\n$/);
  });

  test('goes on after what the reader has got already', () => {
    const { reader, open, add } = bench();
    add(5);
    open({ run: 'run1', number: 3 }).pump();
    expect(reader.ids).toEqual([4, 5]);
  });

  test('begins anew with the history of another run, or an id that it has never given', () => {
    for (const last of [
      { run: 'run0', number: 3 },
      { run: 'run1', number: -1 },
    ]) {
      const { reader, open, add } = bench();
      add(2);
      open(last).pump();
      expect(reader.ids).toEqual([1, 2]);
    }
    const { reader, open, add } = bench();
    add(2);
    const viewer = open({ run: 'run1', number: 999 });
    viewer.pump();
    add(1);
    viewer.pump();
    expect(reader.ids).toEqual([3]);
  });

  test('writes nothing while its reader has not taken what it has', () => {
    const { reader, open, add } = bench();
    const viewer = open();
    reader.isSlow = true;
    add(10);
    viewer.pump();
    expect(reader.ids).toEqual([1]);
    expect(viewer.isBlocked).toBe(true);
    viewer.pump();
    expect([viewer.beat(), viewer.beat()]).toEqual([false, true]);
    expect(reader.ids).toEqual([1]);
    reader.drain();
    expect(reader.ids).toEqual([1, 2]);
    // Slow, but not stuck: it has taken something.
    expect([viewer.beat(), viewer.beat()]).toEqual([false, true]);
    reader.isSlow = false;
    reader.drain();
    expect(reader.ids).toEqual([1, 2, 3, 4, 5, 6, 7, 8, 9, 10]);
  });

  test('a reader that falls far behind is told, and goes on with the newest', () => {
    const { reader, open, add } = bench();
    const viewer = open();
    add(1);
    viewer.pump();
    reader.isSlow = true;
    add(1);
    viewer.pump();
    add(50);
    viewer.pump();
    reader.isSlow = false;
    reader.drain();
    expect(reader.ids).toEqual([1, 2, 52]);
    expect(reader.written.at(-2)).toBe('event: skipped\ndata: {"snapshots":49}\n\n');
  });

  test('a reader that is still catching up skips only what is not kept any more', () => {
    const { reader, open, add } = bench(100);
    add(100);
    reader.isSlow = true;
    const viewer = open();
    viewer.pump();
    add(50);
    reader.isSlow = false;
    reader.drain();
    expect(reader.ids[0]).toBe(50);
    expect(reader.ids.at(-1)).toBe(150);
    expect(reader.ids).toHaveLength(101);
  });

  test('comments where it has nothing to say, once per beat', () => {
    const { reader, open, add } = bench();
    const viewer = open();
    viewer.beat();
    expect(reader.written).toHaveLength(1);
    viewer.beat();
    expect(reader.written.at(-1)).toBe(': still here\n\n');
    add(1);
    viewer.pump();
    const { length } = reader.written;
    viewer.beat();
    expect(reader.written).toHaveLength(length);
  });
});

test.each([
  ['a1b2-17', { run: 'a1b2', number: 17 }],
  [undefined, undefined],
  ['', undefined],
  ['17', undefined],
  ['a-', undefined],
  ['a-1\nb', undefined],
  [`a-${'9'.repeat(400)}`, undefined],
  [`${'a'.repeat(1000)}-1`, undefined],
])('the id %j is read as %j', (text, id) => {
  expect(parseEventId(text)).toEqual(id);
});
