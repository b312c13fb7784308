import { once, setMaxListeners } from 'node:events';
import { setTimeout as delay } from 'node:timers/promises';

/** Ends every wait of a run as soon as anything fails, or the user interrupts it. */
export class Watch {
  readonly #failure = new AbortController();

  constructor() {
    // Many processes are awaited at the same time.
    setMaxListeners(0, this.#failure.signal);
  }

  /** Only the first failure is reported; later ones are its consequences. */
  fail(error: Error): void {
    this.#failure.abort(error);
  }

  /** @throws the failure, if it comes before the work ends */
  async until<T>(work: Promise<T>): Promise<T> {
    const settled = new AbortController();
    try {
      return await Promise.race([work, this.#failed(settled.signal)]);
    } finally {
      settled.abort();
    }
  }

  async pause(seconds: number): Promise<void> {
    const over = new AbortController();
    try {
      await this.until(delay(seconds * 1000, undefined, { signal: over.signal }));
    } finally {
      over.abort();
    }
  }

  async #failed(settled: AbortSignal): Promise<never> {
    const { signal } = this.#failure;
    if (!signal.aborted) await once(signal, 'abort', { signal: settled });
    throw signal.reason;
  }
}
