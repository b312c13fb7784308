import type { Observer } from 'rxjs';
import type { Client } from '../subjects/subject.js';
import type { Load } from './load.js';
import type { Tally } from './tally.js';
import type { Task } from './tasks.js';

/** A fixed number of calls in flight, spread over the clients: when one ends, the next begins. */
export class CallLoops implements Load {
  readonly #loops: CallLoop[] = [];

  constructor(
    clients: readonly Client[],
    tally: Tally,
    inFlight: number,
    task: (loop: number) => Task,
  ) {
    while (this.#loops.length < inFlight) {
      for (const client of clients.slice(0, inFlight - this.#loops.length)) {
        this.#loops.push(new CallLoop(client, tally, task(this.#loops.length)));
      }
    }
    for (const loop of this.#loops) loop.start();
  }

  get open(): number {
    return this.#loops.filter((loop) => loop.isOpen).length;
  }

  stop(): void {
    for (const loop of this.#loops) loop.stop();
  }
}

/** One call at a time. It is its own observer, so that the load adds as little as possible to what is measured. */
class CallLoop implements Observer<unknown> {
  readonly #client: Client;
  readonly #tally: Tally;
  readonly #task: Task;
  #isStopped = false;
  #startedAt = 0;
  #values = 0;
  isOpen = false;

  constructor(client: Client, tally: Tally, task: Task) {
    this.#client = client;
    this.#tally = tally;
    this.#task = task;
  }

  start(): void {
    this.isOpen = true;
    this.#values = 0;
    this.#startedAt = performance.now();
    this.#client.call(this.#task.pattern, this.#task.data(), this);
  }

  stop(): void {
    this.#isStopped = true;
  }

  next(value: unknown): void {
    if (this.#task.isAnswer(value)) {
      this.#values++;
      this.#tally.received();
    } else {
      this.error(new Error(`${JSON.stringify(value).slice(0, 200)} is not the answer`));
    }
  }

  complete(): void {
    if (!this.isOpen) return;
    const { values, bytes } = this.#task;
    if (this.#values !== values) {
      this.error(new Error(`expected ${values} values, but got ${this.#values}`));
      return;
    }
    this.isOpen = false;
    this.#tally.ended(performance.now() - this.#startedAt, bytes);
    if (!this.#isStopped) this.start();
  }

  /** Nothing is called after a failure: the run fails with it. */
  error(error: unknown): void {
    this.isOpen = false;
    this.#tally.failed(error);
  }
}
