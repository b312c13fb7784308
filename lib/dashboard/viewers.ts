import type { ServerResponse } from 'node:http';
import { clearInterval, setInterval } from '../node-timers.js';
import type { SnapshotHistory } from './snapshot-history.js';
import { type EventId, Viewer } from './viewer.js';

/** Below the time after which proxies close a silent connection: nginx's `proxy_read_timeout` is 60 s. */
const BEAT_MS = 15_000;

/** After so many beats in a row in which a viewer has taken nothing, it is given up; one that is slow to catch up is not. */
const MAX_BLOCKED_BEATS = 4;

/** When a page that found no place asks again, in ms. */
const FULL_RETRY_MS = 15_000;

/** All open pages. */
export class Viewers {
  readonly #history: SnapshotHistory;
  readonly #run: string;
  readonly #max: number;
  readonly #changed: (count: number) => void;
  readonly #open = new Map<Viewer, number>();
  #beats: NodeJS.Timeout | undefined;

  /** @param changed hears how many there are whenever that changes */
  constructor(
    history: SnapshotHistory,
    run: string,
    max: number,
    changed: (count: number) => void,
  ) {
    this.#history = history;
    this.#run = run;
    this.#max = max;
    this.#changed = changed;
  }

  get count(): number {
    return this.#open.size;
  }

  /** Takes over a response whose head is written. A page too many is told so, and asks again later. */
  add(response: ServerResponse, last: EventId | undefined, now: number): void {
    // Its reader left before its turn came, e.g. while a guard asked: its 'close' was emitted already.
    if (response.destroyed) return;
    if (this.#open.size >= this.#max) {
      response.end(
        `retry: ${FULL_RETRY_MS}\nevent: full\ndata: ${JSON.stringify({ max: this.#max })}\n\n`,
      );
      return;
    }
    const viewer = new Viewer(response, this.#history, this.#run, last, now);
    this.#open.set(viewer, 0);
    response.once('close', () => this.#remove(viewer));
    this.#beats ??= setInterval(() => this.#beat(), BEAT_MS).unref();
    this.#changed(this.#open.size);
    viewer.pump();
  }

  /** There is a new snapshot. */
  pump(): void {
    for (const viewer of this.#open.keys()) viewer.pump();
  }

  /** Ends all streams: the pages then look for the server until it is back. */
  end(): void {
    for (const viewer of this.#open.keys()) viewer.end();
  }

  #beat(): void {
    for (const [viewer, blocked] of this.#open) {
      const beats = viewer.beat() ? blocked + 1 : 0;
      this.#open.set(viewer, beats);
      if (beats >= MAX_BLOCKED_BEATS) viewer.destroy();
    }
  }

  #remove(viewer: Viewer): void {
    if (!this.#open.delete(viewer)) return;
    if (this.#open.size === 0) {
      clearInterval(this.#beats);
      this.#beats = undefined;
    }
    this.#changed(this.#open.size);
  }
}
