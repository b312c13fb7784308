import type { DiscoveryWatch } from '../core/endpoint-discovery.js';
import { LatestValue } from './latest-value.js';
import { SharedWatch, type WatchOptions } from './shared-watch.js';

/** The watches of this process that are in use: what several clients follow is looked up once. */
export class SharedWatches {
  readonly #watches = new Map<string, SharedWatch<unknown>>();

  get size(): number {
    return this.#watches.size;
  }

  /**
   * Follows what `make` looks up, for one client.
   *
   * @param key says what is looked up, and how: the same key is the same watch
   */
  async *follow<Value>(
    key: string,
    make: () => WatchOptions<Value>,
    { signal, onRefresh, failed, warn }: DiscoveryWatch,
  ): AsyncGenerator<Value, void, undefined> {
    if (signal.aborted) return;
    const latest = new LatestValue<Value>();
    /** Another discovery may have put its own code between. What that throws ends its own watch, not those of others. */
    const tell = (listener: (about: unknown) => void, about: unknown) => {
      try {
        listener(about);
      } catch (error) {
        latest.fail(error);
      }
    };
    /** A failure that came after a value is told after it: the value would pass for the end of the failure. */
    let untold: readonly unknown[] = [];
    const subscription = this.#of(key, make).subscribe({
      answered: (value) => {
        untold = [];
        latest.put(value);
      },
      failed: (error) => {
        if (latest.isWaiting) untold = [error];
        else tell(failed, error);
      },
      warned: (text) => tell(warn, text),
    });
    const over = () => {
      latest.end();
      subscription.leave();
    };
    signal.addEventListener('abort', over, { once: true });
    let forget: (() => void) | undefined;
    try {
      forget = onRefresh(() => subscription.refresh());
      // Who hears of a failure at once may have closed the client.
      if (signal.aborted) over();
      for await (const value of latest) {
        yield value;
        for (const error of untold) failed(error);
        untold = [];
      }
    } finally {
      signal.removeEventListener('abort', over);
      subscription.leave();
      forget?.();
    }
  }

  #of<Value>(key: string, make: () => WatchOptions<Value>): SharedWatch<Value> {
    const known = this.#watches.get(key);
    if (known) return known as SharedWatch<Value>;
    const watch = new SharedWatch(make(), () => this.#watches.delete(key));
    this.#watches.set(key, watch);
    return watch;
  }
}
