import type { Client } from '../subjects/subject.js';
import type { Load } from './load.js';
import type { Tally } from './tally.js';
import type { Task } from './tasks.js';

/** So many streams at once, each read by `for await`: as one ends, the next begins. */
export class IterateLoops implements Load {
  readonly #client: Client;
  readonly #tally: Tally;
  readonly #task: Task;
  #isStopped = false;
  open = 0;

  constructor([client]: readonly Client[], tally: Tally, atOnce: number, task: Task) {
    if (!client) throw new Error('there is no client');
    this.#client = client;
    this.#tally = tally;
    this.#task = task;
    for (let loop = 0; loop < atOnce; loop++) void this.#loop();
  }

  stop(): void {
    this.#isStopped = true;
  }

  async #loop(): Promise<void> {
    this.open++;
    try {
      while (!this.#isStopped) await this.#read();
    } catch (error) {
      this.#tally.failed(error);
    } finally {
      this.open--;
    }
  }

  async #read(): Promise<void> {
    const { pattern, values: expected, bytes } = this.#task;
    if (!this.#client.iterate) throw new Error('this client has no `iterate`');
    const startedAt = performance.now();
    let values = 0;
    for await (const value of this.#client.iterate(pattern, this.#task.data())) {
      if (!this.#task.isAnswer(value))
        throw new Error(`${JSON.stringify(value)} is not the answer`);
      values++;
      this.#tally.received();
    }
    if (values !== expected) throw new Error(`expected ${expected} values, but got ${values}`);
    this.#tally.ended(performance.now() - startedAt, bytes);
  }
}
