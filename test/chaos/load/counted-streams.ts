import { type FreelanceClientProxy, FreelanceRecordBuilder } from 'nestjs-freelance';
import { setTimeout as delay } from 'node:timers/promises';
import { lastValueFrom, toArray } from 'rxjs';
import type { Count } from '../fleet/messages.js';
import { AFTER_FAILURE_MS, newLoad } from './load.js';

/** The values of one stream, and the pause between two, in ms. */
const VALUES = 10;
const PAUSE_MS = 10;

/** Readers of streams that end, each of which opens the next one as soon as it has read all. */
export class CountedStreams implements Disposable {
  started = 0;
  open = 0;
  readonly failures: string[] = [];
  readonly made: (id: number) => boolean;
  readonly #client: FreelanceClientProxy;
  readonly #isIdempotent: boolean;
  readonly #nextId: () => number;
  readonly #readers: Promise<void>[];
  #isOver = false;

  constructor(client: FreelanceClientProxy, { readers = 4, idempotent = true } = {}) {
    const { made, nextId } = newLoad();
    this.made = made;
    this.#nextId = nextId;
    this.#client = client;
    this.#isIdempotent = idempotent;
    this.#readers = Array.from({ length: readers }, () => this.#readOnAndOn());
  }

  /** Resolves once the last stream has ended. */
  async end(): Promise<void> {
    this.#isOver = true;
    await Promise.all(this.#readers);
  }

  [Symbol.dispose](): void {
    this.#isOver = true;
  }

  async #readOnAndOn(): Promise<void> {
    while (!this.#isOver) {
      try {
        await this.#read();
      } catch (error) {
        this.failures.push(String(error));
        await delay(AFTER_FAILURE_MS);
      } finally {
        this.open--;
      }
    }
  }

  async #read(): Promise<void> {
    this.started++;
    this.open++;
    const count: Count = { id: this.#nextId(), ms: PAUSE_MS, values: VALUES };
    const record = new FreelanceRecordBuilder(count).setIdempotent(this.#isIdempotent).build();
    const read = await lastValueFrom(this.#client.send<number>('count', record).pipe(toArray()));
    const isWhole = read.length === VALUES && read.every((value, at) => value === at);
    if (!isWhole) throw new Error(`a stream brought ${read.join(', ')}`);
  }
}
