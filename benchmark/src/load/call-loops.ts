import type { Observer } from 'rxjs';
import type { Client } from '../subjects/subject.js';
import type { Load } from './load.js';
import type { Tally } from './tally.js';

/** A call that is made again and again. */
export interface Task {
  readonly pattern: string;
  readonly data: unknown;
  /** How many values it is answered with. */
  readonly values: number;
  /** What each of its calls counts for. */
  readonly bytes: number;
  isAnswer(value: unknown): boolean;
}

/** So many calls in flight, spread over the clients: as one ends, the next begins. */
export class CallLoops implements Load {
  readonly #loops: CallLoop[];

  constructor(
    clients: readonly Client[],
    tally: Tally,
    inFlight: number,
    task: (loop: number) => Task,
  ) {
    this.#loops = Array.from({ length: Math.ceil(inFlight / clients.length) }, () => clients)
      .flat()
      .slice(0, inFlight)
      .map((client, loop) => new CallLoop(client, tally, task(loop)));
    for (const loop of this.#loops) loop.start();
  }

  get open(): number {
    return this.#loops.filter((loop) => loop.isOpen).length;
  }

  stop(): void {
    for (const loop of this.#loops) loop.stop();
  }
}

/** One call at a time. It observes its own calls, so that one more costs no more objects than needed. */
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
    this.#client.call(this.#task.pattern, this.#task.data, this);
  }

  stop(): void {
    this.#isStopped = true;
  }

  next(value: unknown): void {
    if (this.#task.isAnswer(value)) this.#values++;
    else this.error(new Error(`${JSON.stringify(value).slice(0, 200)} is no answer`));
  }

  complete(): void {
    const { values, bytes } = this.#task;
    if (this.#values !== values) {
      this.error(new Error(`${values} values were to come, and ${this.#values} came`));
      return;
    }
    this.isOpen = false;
    this.#tally.timed(performance.now() - this.#startedAt);
    this.#tally.moved(values, bytes);
    if (!this.#isStopped) this.start();
  }

  /** The loop ends: one that called on would hide how few calls are left, or fill the log. */
  error(error: unknown): void {
    this.isOpen = false;
    this.#tally.failed(error);
  }
}
