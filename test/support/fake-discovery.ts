import type { DiscoveryWatch, EndpointDiscovery } from '../../lib/core/endpoint-discovery.js';

type Step = { readonly set: unknown } | { readonly error: unknown } | 'end';

/** A discovery that brings what a test says, when it says so. */
export class FakeDiscovery implements EndpointDiscovery {
  readonly name: string = 'fake';
  /** One for each call of `watch`. */
  readonly watches: DiscoveryWatch[] = [];
  /** How many sets were asked for. */
  pulls = 0;
  readonly #steps: Step[] = [];
  #wake = () => {};

  watch(watch: DiscoveryWatch): AsyncIterable<string[]> {
    this.watches.push(watch);
    return this.#sets(watch);
  }

  get current(): DiscoveryWatch {
    const watch = this.watches.at(-1);
    if (!watch) throw new Error('nobody watches');
    return watch;
  }

  names(set: unknown): void {
    this.#add({ set });
  }

  throws(error: unknown): void {
    this.#add({ error });
  }

  ends(): void {
    this.#add('end');
  }

  #add(step: Step): void {
    this.#steps.push(step);
    this.#wake();
  }

  async *#sets({ signal }: DiscoveryWatch): AsyncGenerator<string[]> {
    while (!signal.aborted) {
      this.pulls++;
      const step = await this.#next();
      if (step === 'end') return;
      if ('error' in step) throw step.error;
      yield step.set as string[];
    }
  }

  async #next(): Promise<Step> {
    for (;;) {
      const step = this.#steps.shift();
      if (step) return step;
      await new Promise<void>((resolve) => (this.#wake = resolve));
    }
  }
}

/** Resolves once all that promises bring about, without timers, is done. */
export function settled(): Promise<void> {
  return new Promise((resolve) => void setImmediate(resolve));
}
