import { setTimeout } from 'node:timers/promises';
import { firstValueFrom } from 'rxjs';
import type { FreelanceClientProxy } from '../../lib/index.js';

/** Calls a server continuously, as a normal client, and counts failures. */
export class HonestCaller {
  readonly #client: FreelanceClientProxy;
  readonly failures: string[] = [];
  served = 0;
  #isDone = false;
  readonly #work: Promise<void>;

  constructor(client: FreelanceClientProxy) {
    this.#client = client;
    this.#work = this.#callOn();
  }

  async stop(): Promise<void> {
    this.#isDone = true;
    await this.#work;
  }

  async #callOn(): Promise<void> {
    for (let n = 0; !this.#isDone; n++) {
      const sent = { n, text: `honest ${n}` };
      try {
        const back = await firstValueFrom(this.#client.send<object>('echo', sent));
        if (JSON.stringify(back) === JSON.stringify(sent)) this.served++;
        else this.failures.push(`${JSON.stringify(sent)} came back as ${JSON.stringify(back)}`);
      } catch (error) {
        this.failures.push(String(error));
      }
      await setTimeout(2);
    }
  }
}
