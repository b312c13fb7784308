import type { FreelanceClientProxy } from 'nestjs-freelance';
import { setTimeout as delay } from 'node:timers/promises';
import { Load } from '../../chaos/load/load.js';
import type { LoadArguments, LoadReport } from './messages.js';
import { reportOf, Tally } from './tally.js';

/** How long a handler takes, in ms. */
const WORK_MS = 10;

/** Makes calls at a fixed rate until it is ended, whatever becomes of them (an open loop). */
export class RatedLoad extends Load {
  readonly #tally = new Tally();
  readonly #open = new Set<Promise<unknown>>();
  readonly #calling: Promise<void>;
  #isOver = false;

  constructor(
    client: FreelanceClientProxy,
    { number, perSecond, isIdempotent, padding }: LoadArguments,
  ) {
    super(client, { number, idempotent: isIdempotent, padding });
    this.meter.listen((answer) => this.#tally.note(answer));
    this.#calling = this.#callAtRate(perSecond);
  }

  mark(): void {
    this.#tally.mark();
  }

  report(): LoadReport {
    return reportOf(this.meter, this.#tally.since);
  }

  /** Resolves once the last call has ended. */
  async end(): Promise<void> {
    this.#isOver = true;
    await this.#calling;
    await Promise.all(this.#open);
  }

  async #callAtRate(perSecond: number): Promise<void> {
    const startedAt = performance.now();
    for (let made = 0; !this.#isOver; await delay(1)) {
      const due = ((performance.now() - startedAt) / 1000) * perSecond;
      for (; made < due; made++) this.#callOnce();
    }
  }

  #callOnce(): void {
    const call = this.call(WORK_MS);
    this.#open.add(call);
    void call.then(() => this.#open.delete(call));
  }
}
