import type { Environment } from '../agents/clock.js';
import { inNobodysContext } from '../async-context.js';

export interface Answer<Value> {
  readonly value: Value;
  /** When it is asked for again at the latest, in ms. */
  readonly ttlMs: number;
  /** What is wrong with a part of it, for people. */
  readonly warnings: readonly string[];
}

/** Looks something up. Rejects if there is no good answer. */
export type Ask<Value> = (signal: AbortSignal) => Promise<Answer<Value>>;

/** How often a watch asks. All in ms. */
export interface WatchPace {
  /** From the start of one look-up to that of the next, at least. */
  readonly gapMs: number;
  /** From a good answer to the next look-up. */
  afterAnswer(ttlMs: number): number;
  /** From a failure to the next look-up. @param failures in a row, from 1 */
  afterFailure(failures: number): number;
}

export interface WatchOptions<Value> {
  readonly ask: Ask<Value>;
  readonly pace: WatchPace;
  readonly clock: Environment['clock'];
  /** Called when the watch begins: tells by itself when to look. @returns ends that */
  readonly notice?: (changed: () => void) => () => void;
}

export interface Subscriber<Value> {
  answered(value: Value): void;
  failed(error: unknown): void;
  warned(text: string): void;
}

export interface Subscription {
  /** An answer of now is wanted. */
  refresh(): void;
  /** May be called any number of times. */
  leave(): void;
}

/**
 * One thing that is looked up again and again, for as long as somebody is subscribed, and once for all of them.
 *
 * ```
 *            answer: its TTL; failure: ever longer; a change is noticed, or wanted
 *   asking ───────────────────────────────────────────────────────────────────────▶ asking
 * ```
 */
export class SharedWatch<Value> {
  readonly #options: WatchOptions<Value>;
  readonly #unused: () => void;
  readonly #subscribers = new Set<Subscriber<Value>>();
  #last: { readonly value: Value } | undefined;
  /** Why the last look-up failed; undefined if it did not. */
  #failure: { readonly error: unknown } | undefined;
  #failures = 0;
  #warnings: ReadonlySet<string> = new Set();
  #asking: AbortController | undefined;
  #askedAt = -Infinity;
  /** Whether an answer is wanted that is newer than the one that is under way. */
  #mustAskAgain = false;
  #cancelTimer = () => {};
  #forgetNotice = () => {};

  /** @param unused called when the last subscriber has left: the watch is of no use then */
  constructor(options: WatchOptions<Value>, unused: () => void) {
    this.#options = options;
    this.#unused = unused;
  }

  /** A later subscriber is told at once what is known. */
  subscribe(subscriber: Subscriber<Value>): Subscription {
    // Its own place, though the same one may come twice.
    const own = { ...subscriber };
    this.#subscribers.add(own);
    if (this.#subscribers.size === 1) this.#begin();
    else this.#tellKnown(own);
    return {
      refresh: () => this.#refresh(),
      leave: () => {
        if (this.#subscribers.delete(own) && this.#subscribers.size === 0) this.#end();
      },
    };
  }

  #tellKnown(subscriber: Subscriber<Value>): void {
    if (this.#last) subscriber.answered(this.#last.value);
    for (const text of this.#warnings) subscriber.warned(text);
    if (this.#failure) subscriber.failed(this.#failure.error);
  }

  #begin(): void {
    const { notice } = this.#options;
    if (notice) this.#forgetNotice = inNobodysContext(notice, () => this.#refresh());
    this.#ask();
  }

  #end(): void {
    this.#cancelTimer();
    this.#forgetNotice();
    this.#asking?.abort();
    this.#asking = undefined;
    this.#unused();
  }

  #refresh(): void {
    if (this.#subscribers.size === 0) return;
    if (this.#asking) this.#mustAskAgain = true;
    else this.#askIn(0);
  }

  #askIn(ms: number): void {
    const now = this.#options.clock.now();
    const dueAt = Math.max(now + ms, this.#askedAt + this.#options.pace.gapMs);
    this.#cancelTimer();
    if (dueAt <= now) this.#ask();
    else this.#cancelTimer = this.#options.clock.after(dueAt - now, () => this.#ask());
  }

  #ask(): void {
    const asking = new AbortController();
    this.#asking = asking;
    this.#askedAt = this.#options.clock.now();
    // It serves all its subscribers: not in the context of the one who happens to begin.
    void inNobodysContext(this.#options.ask, asking.signal).then(
      (answer) => this.#asking === asking && this.#answered(answer),
      (error: unknown) => this.#asking === asking && this.#failed(error),
    );
  }

  #answered({ value, ttlMs, warnings }: Answer<Value>): void {
    this.#last = { value };
    this.#failure = undefined;
    this.#failures = 0;
    const all = new Set(warnings);
    const news = [...all].filter((text) => !this.#warnings.has(text));
    this.#warnings = all;
    this.#over(this.#options.pace.afterAnswer(ttlMs));
    for (const subscriber of this.#subscribers) {
      subscriber.answered(value);
      for (const text of news) subscriber.warned(text);
    }
  }

  #failed(error: unknown): void {
    this.#failure = { error };
    this.#over(this.#options.pace.afterFailure(++this.#failures));
    for (const subscriber of this.#subscribers) subscriber.failed(error);
  }

  #over(pauseMs: number): void {
    this.#asking = undefined;
    const pause = this.#mustAskAgain ? 0 : pauseMs;
    this.#mustAskAgain = false;
    this.#askIn(pause);
  }
}
