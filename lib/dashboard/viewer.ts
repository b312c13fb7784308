import type { ServerResponse } from 'node:http';
import type { SnapshotHistory } from './snapshot-history.js';

/** Server-sent events say where they left off with this, in `Last-Event-ID`. */
export interface EventId {
  /** Of one history: another process, or the same one after a restart, counts anew. */
  readonly run: string;
  readonly number: number;
}

/** A viewer that has fallen this many snapshots behind goes on with the newest one. */
const MAX_LAG = 30;

/** How soon the browser asks again after it has lost the connection, in ms. */
export const RETRY_MS = 1000;

const LINE_BREAKS = Buffer.from('\n\n');

/**
 * One open page: an event stream over a response. It has a place in the shared history, and no queue of its own: it writes
 * only while its reader takes what it has written, so that a slow one costs one snapshot and Node's own buffer.
 */
export class Viewer {
  readonly #response: ServerResponse;
  readonly #history: SnapshotHistory;
  readonly #run: string;
  #next: number;
  #isBlocked = false;
  #wasLive = false;
  #hasWritten = true;

  /**
   * @param last what the reader has got already; undefined for all that there is
   * @param now in ms since 1970
   */
  constructor(
    response: ServerResponse,
    history: SnapshotHistory,
    run: string,
    last: EventId | undefined,
    now: number,
  ) {
    this.#response = response;
    this.#history = history;
    this.#run = run;
    this.#next =
      last?.run === run
        ? Math.min(Math.max(last.number + 1, history.first), history.next)
        : history.first;
    response.on('drain', () => {
      this.#isBlocked = false;
      this.pump();
    });
    // The clocks of browsers may be wrong: what is news to this one goes by that of this process.
    const hello = JSON.stringify({ run, keepMs: history.bounds.keepMs, now });
    this.#write(`retry: ${RETRY_MS}\nevent: hello\ndata: ${hello}\n\n`);
  }

  /** Whether its reader has not taken everything yet. */
  get isBlocked(): boolean {
    return this.#isBlocked;
  }

  /** Sends what is new, as far as the reader takes it. */
  pump(): void {
    this.#skip();
    while (!this.#isBlocked) {
      const kept = this.#history.at(this.#next);
      if (!kept) {
        this.#wasLive = true;
        return;
      }
      this.#next = kept.number + 1;
      const head = Buffer.from(`id: ${this.#run}-${kept.number}\ndata: `);
      this.#write(Buffer.concat([head, kept.json, LINE_BREAKS]));
    }
  }

  /**
   * A comment, if nothing was written since the last time: a proxy that hears nothing may close the connection.
   *
   * @returns whether its reader has taken nothing since the last time, though there is something
   */
  beat(): boolean {
    const isStuck = !this.#hasWritten && this.#isBlocked;
    if (!this.#hasWritten && !this.#isBlocked) this.#write(': still here\n\n');
    this.#hasWritten = false;
    return isStuck;
  }

  end(): void {
    this.#response.end();
  }

  /** For a reader that takes nothing any more. */
  destroy(): void {
    this.#response.destroy();
  }

  /** One that was up to date and is far behind wants what is now; one that has just come wants all that was. */
  #skip(): void {
    if (this.#isBlocked) return;
    const { first, next } = this.#history;
    const isFarBehind = this.#wasLive && next - this.#next > MAX_LAG;
    const from = isFarBehind ? next - 1 : Math.max(this.#next, first);
    const skipped = from - this.#next;
    if (skipped <= 0) return;
    this.#next = from;
    this.#write(`event: skipped\ndata: ${JSON.stringify({ snapshots: skipped })}\n\n`);
  }

  #write(chunk: string | Buffer): void {
    this.#hasWritten = true;
    if (!this.#response.write(chunk)) this.#isBlocked = true;
  }
}

/** @returns undefined if it is none, or another server's */
export function parseEventId(text: string | undefined): EventId | undefined {
  const match = /^([\da-z]{1,40})-(\d{1,15})$/.exec(text ?? '');
  return match ? { run: match[1] ?? '', number: Number(match[2]) } : undefined;
}
