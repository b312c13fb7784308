import { setTimeout as delay } from 'node:timers/promises';
import { firstValueFrom, Observable } from 'rxjs';
import { orderOf } from '../app/order.js';
import type { Client } from '../subjects/subject.js';
import type { Load } from './load.js';
import type { Tally } from './tally.js';

/** How long the last events may take to reach their handler, in ms. */
const PATIENCE_MS = 3000;

const POLL_MS = 5;

/**
 * Sends events in bursts, some bursts at a time. Most transports do not report whether or when an event has arrived. After
 * each burst the server is therefore asked how many its handler has received, and only then is the next burst sent. So no
 * server is sent more than it can take, and only events that arrived are counted.
 */
export class EventBursts implements Load {
  readonly #client: Client;
  readonly #tally: Tally;
  readonly #burst: number;
  readonly #patience: number;
  readonly #tick = orderOf(0);
  #sent = 0;
  #arrived = 0;
  #isStopped = false;
  open = 0;

  constructor(
    [client]: readonly Client[],
    tally: Tally,
    atOnce: number,
    burst: number,
    patience = PATIENCE_MS,
  ) {
    if (!client) throw new Error('there is no client');
    this.#client = client;
    this.#tally = tally;
    this.#burst = burst;
    this.#patience = patience;
    void this.#run(atOnce);
  }

  stop(): void {
    this.#isStopped = true;
  }

  async #run(atOnce: number): Promise<void> {
    this.open++;
    try {
      // The server's count includes the events of earlier loads.
      this.#sent = this.#arrived = await this.#countAtServer();
      await Promise.all(Array.from({ length: atOnce }, () => this.#loop()));
      await this.#untilAllHaveArrived();
    } catch (error) {
      this.#tally.failed(error);
    } finally {
      this.open--;
    }
  }

  async #loop(): Promise<void> {
    while (!this.#isStopped) {
      for (let event = 0; event < this.#burst; event++) this.#emit();
      this.#count(await this.#countAtServer());
    }
  }

  #emit(): void {
    if (!this.#client.emit) throw new Error('this client cannot emit events');
    this.#sent++;
    this.#client.emit('tick', this.#tick, (error) => this.#tally.failed(error));
  }

  #count(arrived: number): void {
    // Answers may overtake each other.
    for (; this.#arrived < arrived; this.#arrived++) this.#tally.received();
  }

  async #untilAllHaveArrived(): Promise<void> {
    const until = performance.now() + this.#patience;
    while (this.#arrived < this.#sent) {
      if (performance.now() > until) {
        throw new Error(`${this.#sent - this.#arrived} of ${this.#sent} events never arrived`);
      }
      await delay(POLL_MS);
      this.#count(await this.#countAtServer());
    }
  }

  async #countAtServer(): Promise<number> {
    const answer = new Observable((observer) => this.#client.call('ticks', {}, observer));
    return (await firstValueFrom(answer)) as number;
  }
}
