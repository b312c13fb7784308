import type { EndpointDiscovery } from '../../core/endpoint-discovery.js';
import { guarded } from '../../core/guarded.js';
import { isThenable } from '../../core/thenable.js';

/** Is told what a run brings, unless it was ended. */
export interface DiscoveryRunListener {
  named(given: unknown): void;
  /** One of its look-ups has failed; it goes on. */
  failed(error: unknown): void;
  warned(error: unknown): void;
  /** It has thrown; the run is over. */
  broken(error: unknown): void;
  /** It has returned; the run is over. */
  ended(): void;
}

type GuardListeners = (signal: AbortSignal, failed: (error: unknown) => void) => AbortSignal;

/** One run of a discovery, from `watch` to its end. The discovery is the user's code: it may throw, hang, or go on afterwards. */
export class DiscoveryRun {
  readonly #listener: DiscoveryRunListener;
  readonly #abort = new AbortController();
  readonly #guardListeners: GuardListeners;
  readonly #onRefresh = new Set<() => void>();
  #sets: AsyncIterator<unknown> | undefined;
  #isOver = false;

  constructor(guardListeners: GuardListeners, listener: DiscoveryRunListener) {
    this.#guardListeners = guardListeners;
    this.#listener = listener;
  }

  start(discovery: EndpointDiscovery): void {
    const warn = (error: unknown) => this.#warn(error);
    const failed = (error: unknown) => {
      if (!this.#isOver) this.#listener.failed(error);
    };
    const signal = this.#guardListeners(this.#abort.signal, warn);
    const onRefresh = (listener: () => void) => this.#addRefresh(listener);
    try {
      const sets: unknown = discovery.watch({ signal, onRefresh, failed, warn });
      this.#sets = iteratorOf(sets);
    } catch (error) {
      this.#fail(error);
      return;
    }
    this.pull();
  }

  /** Asks for the next set, once the last one is there. */
  pull(): void {
    // `watch` itself may have closed the client.
    if (this.#isOver) return;
    try {
      void Promise.resolve(this.#sets?.next()).then(
        (result) => this.#pulled(result),
        (error: unknown) => this.#fail(error),
      );
    } catch (error) {
      this.#fail(error);
    }
  }

  refresh(): void {
    // A copy: one that adds listeners adds them for the next time.
    for (const listener of Array.from(this.#onRefresh)) {
      if (this.#onRefresh.has(listener)) listener();
    }
  }

  /** Nobody listens any more. */
  end(): void {
    if (this.#isOver) return;
    this.#isOver = true;
    this.#onRefresh.clear();
    this.#abort.abort();
    // What it throws, or rejects with, after its end is nobody's concern.
    try {
      const returned: unknown = this.#sets?.return?.();
      if (isThenable(returned)) returned.then(undefined, () => {});
    } catch {
      // As above.
    }
  }

  #addRefresh(listener: () => void): () => void {
    if (typeof listener !== 'function') throw new TypeError('onRefresh takes a function');
    if (this.#isOver) return () => {};
    // Each has its own place, also if a listener is added twice.
    const own = guarded(
      () => listener(),
      (error) => this.#warn(error),
    );
    this.#onRefresh.add(own);
    return () => void this.#onRefresh.delete(own);
  }

  #pulled(result: IteratorResult<unknown> | undefined): void {
    if (this.#isOver) return;
    let set: { readonly value: unknown } | undefined;
    try {
      set = setOf(result);
    } catch (error) {
      this.#fail(error);
      return;
    }
    if (set) {
      this.#listener.named(set.value);
    } else {
      this.end();
      this.#listener.ended();
    }
  }

  #warn(error: unknown): void {
    if (!this.#isOver) this.#listener.warned(error);
  }

  #fail(error: unknown): void {
    if (this.#isOver) return;
    this.end();
    this.#listener.broken(error);
  }
}

/** @returns undefined if there are no more */
function setOf(
  result: IteratorResult<unknown> | undefined,
): { readonly value: unknown } | undefined {
  if (typeof result !== 'object' || result === null)
    throw new TypeError('its iterator has returned no result');
  return result.done ? undefined : { value: result.value };
}

function iteratorOf(sets: unknown): AsyncIterator<unknown> {
  const make = (sets as Partial<AsyncIterable<unknown>> | null | undefined)?.[Symbol.asyncIterator];
  if (typeof make === 'function') return make.call(sets);
  // What an `async watch()` rejects with is nobody's concern: it must not be async.
  if (isThenable(sets)) sets.then(undefined, () => {});
  throw new TypeError(
    'watch() must return an async iterable, such as what an async generator returns',
  );
}
