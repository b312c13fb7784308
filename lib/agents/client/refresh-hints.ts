import { BETWEEN_REFRESHES_MS, retryDelay } from '../../core/discovery-schedule.js';
import type { Environment } from '../clock.js';
import { DeferredTask } from '../deferred-task.js';
import type { Scheduler } from '../scheduler.js';

/**
 * When a discovery is asked for an answer of now: at once after a loss, at most once a second, and again and again, ever more
 * rarely, while no server can be called.
 */
export class RefreshHints {
  readonly #environment: Pick<Environment, 'clock' | 'random'>;
  readonly #hint: () => void;
  readonly #soon: DeferredTask;
  readonly #again: DeferredTask;
  #lastAt = -Infinity;
  #inVain = 0;

  constructor(
    environment: Pick<Environment, 'clock' | 'random'>,
    scheduler: Scheduler,
    hint: () => void,
  ) {
    this.#environment = environment;
    this.#hint = hint;
    this.#soon = new DeferredTask(scheduler, (now) => this.#give(now));
    this.#again = new DeferredTask(scheduler, (now) => {
      this.#wait(now);
      this.serverLost();
    });
  }

  serverLost(): void {
    const now = this.#environment.clock.now();
    const dueAt = this.#lastAt + BETWEEN_REFRESHES_MS;
    if (dueAt <= now) this.#give(now);
    else if (!this.#soon.isPending) this.#soon.at(dueAt);
  }

  usableChanged(isUsable: boolean): void {
    this.#inVain = 0;
    if (isUsable) this.#again.cancel();
    else this.#wait(this.#environment.clock.now());
  }

  #wait(now: number): void {
    this.#again.at(now + retryDelay(++this.#inVain, this.#environment.random));
  }

  #give(now: number): void {
    this.#soon.cancel();
    this.#lastAt = now;
    this.#hint();
  }
}
