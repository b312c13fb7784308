import { randomBytes } from 'node:crypto';
import type { ServerResponse } from 'node:http';
import type { FleetSnapshot } from '../fleet/snapshot.js';
import { clearTimeout, setTimeout, wallClock } from '../node-timers.js';
import { pageSnapshot } from './page-snapshot.js';
import { SnapshotHistory } from './snapshot-history.js';
import type { EventId } from './viewer.js';
import { Viewers } from './viewers.js';

/** What watches servers and clients: a `FleetWatch`. */
export interface Watch {
  start(listener: (snapshot: FleetSnapshot) => void): void;
  stop(): void;
}

export interface DashboardBounds {
  readonly maxViewers: number;
  /** Whether to watch only while a page is open. */
  readonly onlyWhileWatched: boolean;
}

/** Ten minutes, as the page promises. */
const KEEP_MS = 600_000;

/**
 * Of JSON, for all viewers together. Ten minutes of ten servers with ten patterns and four clients each have 16 MiB, those of
 * fifty with twenty patterns 65 MiB; of still larger fleets, the history is shorter.
 */
const MAX_HISTORY_BYTES = 64 * 1024 * 1024;

/** How long a watch goes on after the last page has gone, in ms: a reload takes less. */
const LINGER_MS = 60_000;

/** What is behind the page: one watch, the history of its snapshots, and who looks at it. */
export class Dashboard {
  readonly #watch: Watch;
  readonly #bounds: DashboardBounds;
  readonly #date: () => number;
  readonly #history = new SnapshotHistory({ keepMs: KEEP_MS, maxBytes: MAX_HISTORY_BYTES });
  readonly #viewers: Viewers;
  #closing = new AbortController();
  #historyReaders = 0;
  #isOpen = false;
  #isWatching = false;
  #lingering: NodeJS.Timeout | undefined;

  /** @param date in ms since 1970 */
  constructor(watch: Watch, bounds: DashboardBounds, date: () => number = wallClock) {
    this.#watch = watch;
    this.#date = date;
    this.#bounds = bounds;
    const run = randomBytes(6).toString('hex');
    this.#viewers = new Viewers(this.#history, run, bounds.maxViewers, (count) =>
      this.#watched(count),
    );
  }

  get isOpen(): boolean {
    return this.#isOpen;
  }

  /** Aborted by `close`: answers that are still on their way end. */
  get closing(): AbortSignal {
    return this.#closing.signal;
  }

  open(): void {
    this.#isOpen = true;
    this.#closing = new AbortController();
    if (!this.#bounds.onlyWhileWatched) this.#start();
  }

  /** Ends all streams, and watches no more. */
  close(): void {
    this.#isOpen = false;
    this.#closing.abort();
    this.#viewers.end();
    this.#stop();
  }

  /** A page wants to see what there is, and what comes. The head of the response is written. */
  stream(response: ServerResponse, last: EventId | undefined): void {
    this.#viewers.add(response, last, this.#date());
  }

  /**
   * A place for one who reads the whole history: as many may at once as pages may be open.
   *
   * @returns what gives the place back, once; undefined if all are taken
   */
  admitHistoryReader(): (() => void) | undefined {
    if (this.#historyReaders >= this.#bounds.maxViewers) return undefined;
    this.#historyReaders++;
    return () => void this.#historyReaders--;
  }

  /** All that is kept, as a JSON document, piece by piece: while one is written, nothing of the next is held. */
  *historyJson(): Generator<string | Buffer> {
    // Until what is there now: a slow reader would never come to the end of what is added.
    const { bounds, first, next } = this.#history;
    yield `{"keepMs":${bounds.keepMs},"snapshots":[`;
    let separator = '\n';
    for (let number = first; number < next; number++) {
      const kept = this.#history.at(number);
      // It was dropped while its reader was slow.
      if (!kept) continue;
      yield separator;
      yield kept.json;
      separator = ',\n';
    }
    yield '\n]}\n';
  }

  #watched(count: number): void {
    clearTimeout(this.#lingering);
    if (!this.#bounds.onlyWhileWatched) return;
    if (count > 0) this.#start();
    else this.#lingering = setTimeout(() => this.#stop(), LINGER_MS).unref();
  }

  #start(): void {
    if (this.#isWatching || !this.#isOpen) return;
    this.#isWatching = true;
    this.#watch.start((snapshot) => {
      this.#history.add(pageSnapshot(snapshot));
      this.#viewers.pump();
    });
  }

  #stop(): void {
    clearTimeout(this.#lingering);
    if (!this.#isWatching) return;
    this.#isWatching = false;
    this.#watch.stop();
  }
}
