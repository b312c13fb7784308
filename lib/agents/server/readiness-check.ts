import { Readiness } from '../../core/readiness.js';
import { DeferredTask } from '../deferred-task.js';
import type { Scheduler } from '../scheduler.js';

export interface ReadinessCheckDeps {
  readonly scheduler: Scheduler;
  now(): number;
  /** The user's check: whether the server can take calls. A rejection means that it cannot. */
  isReady(): Promise<boolean>;
  /** The check has ended, or has taken too long: there is a result. */
  checked(): void;
}

/**
 * How long a readiness check may take, in ms. After that the server is not ready until a check says otherwise. Kubernetes gives
 * its probes as long by default (`timeoutSeconds`), and a server is suspect when a PING takes longer.
 */
const CHECK_MS = 1000;

/** How many checks may hang at a time. With that many the server is not ready, and no further check begins. */
const MOST_CHECKS = 3;

/**
 * After this time, in ms, a check that hangs no longer counts: it may wait for something that never comes, such as the result
 * of a query on a dead connection, and the server would never be ready again. A serializer may take as long.
 */
const GIVEN_UP_AFTER_MS = 10_000;

/** Runs the user's readiness check, one at a time, and keeps its latest result. */
export class ReadinessCheck {
  readonly #deps: ReadinessCheckDeps;
  readonly #readiness: Readiness;
  /** Pending while a check runs. */
  readonly #timeout: DeferredTask;
  /** The start times of the checks that run, by number, the oldest first. */
  readonly #checks = new Map<number, number>();
  /** The number of the check whose result counts. */
  #latest = 0;

  /** @param validFor how long a result is valid, in ms */
  constructor(validFor: number, deps: ReadinessCheckDeps) {
    this.#deps = deps;
    this.#readiness = new Readiness(validFor);
    this.#timeout = new DeferredTask(deps.scheduler, () => this.#ended(false));
  }

  /** What the latest check said; true before the first. */
  get isReady(): boolean {
    return this.#readiness.isReady;
  }

  /** Whether `isReady` holds now. Otherwise it takes a check to know. */
  get isKnown(): boolean {
    if (!this.#readiness.isStale(this.#deps.now())) return true;
    // Too many checks hang, so the server is known not to be ready.
    return !this.#timeout.isPending && !this.#mayCheck;
  }

  /** Begins a check, unless one runs. */
  begin(): void {
    if (!this.#timeout.isPending) void this.#check();
  }

  get #mayCheck(): boolean {
    const now = this.#deps.now();
    for (const [check, begunAt] of this.#checks)
      if (now - begunAt >= GIVEN_UP_AFTER_MS) this.#checks.delete(check);
    return this.#checks.size < MOST_CHECKS;
  }

  async #check(): Promise<void> {
    const check = ++this.#latest;
    const now = this.#deps.now();
    this.#checks.set(check, now);
    this.#timeout.at(now + CHECK_MS);
    let isReady = false;
    try {
      isReady = await this.#deps.isReady();
    } catch {
      // A check that fails says that the server is not ready.
    }
    this.#checks.delete(check);
    // The result of one that took too long may be outdated.
    if (check === this.#latest) this.#ended(isReady);
  }

  #ended(isReady: boolean): void {
    this.#timeout.cancel();
    this.#readiness.checked(isReady, this.#deps.now());
    this.#deps.checked();
  }
}
