import type { PageSnapshot } from './page-snapshot.js';

/** One snapshot, ready to be sent. */
export interface Kept {
  /** Counts up by one, from 1. */
  readonly number: number;
  /** In ms since 1970. */
  readonly at: number;
  /** Its JSON, without line breaks. */
  readonly json: Buffer;
}

export interface HistoryBounds {
  /** How far back it goes, in ms. */
  readonly keepMs: number;
  /** How many bytes of JSON it keeps at most; the newest snapshot is kept in any case. */
  readonly maxBytes: number;
}

/** The latest snapshots, as bytes that all viewers share. What is too old, or too much, goes. */
export class SnapshotHistory {
  readonly bounds: HistoryBounds;
  readonly #kept: Kept[] = [];
  #first = 1;
  #bytes = 0;

  constructor(bounds: HistoryBounds) {
    this.bounds = bounds;
  }

  /** The number of the oldest that is kept; of the next one, if none is. */
  get first(): number {
    return this.#first;
  }

  /** The number that the next one gets. */
  get next(): number {
    return this.#first + this.#kept.length;
  }

  /** How many bytes of JSON are kept. */
  get bytes(): number {
    return this.#bytes;
  }

  add(snapshot: PageSnapshot): void {
    const json = Buffer.from(JSON.stringify(snapshot));
    this.#kept.push({ number: this.next, at: snapshot.at, json });
    this.#bytes += json.length;
    while (this.#kept.length > 1 && this.#isTooMuch(snapshot.at)) this.#drop();
  }

  /** @returns undefined of one that is not kept any more, or has not come yet */
  at(number: number): Kept | undefined {
    return this.#kept[number - this.#first];
  }

  #isTooMuch(now: number): boolean {
    const oldest = this.#kept[0]?.at ?? now;
    return this.#bytes > this.bounds.maxBytes || oldest < now - this.bounds.keepMs;
  }

  #drop(): void {
    this.#bytes -= this.#kept.shift()?.json.length ?? 0;
    this.#first += 1;
  }
}
