/**
 * Outlier ejection: a server that fails far more of its calls than its peers do rests.
 *
 * Sources: Envoy, outlier detection; gRFC A50, `failure_percentage_ejection`. Theirs wants five hosts, and of three
 * never ejects one. This one compares a server with all its peers together, so that of two the other is the measure.
 */

/** How long what became of a call counts, in ms: after this time its weight is 1/e. */
const MEMORY_MS = 30_000;

/** Counts are brought up to date when they are that old, in ms: not with each call. */
const STEP_MS = 1000;

/**
 * The weight of all that is remembered, in calls: however many went well before, one that begins to fail has failed
 * half of them after 70.
 */
const MOST_CALLS = 100;

/** Fewer calls than this tell nothing. A50's `request_volume` is 50, for servers that have many more clients. */
const FEWEST_CALLS = 20;

/** How much larger its share of failures is than that of its peers. A50's `threshold` is 85 %, and heeds no peers. */
const MARGIN = 0.5;

/** A server that is in use for so long, in ms, is forgiven one ejection. Source: A50, its `interval`. */
const FORGIVEN_AFTER_MS = 10_000;

/** Source: Envoy and A50, `max_ejection_time`. */
const LONGEST_REST_MS = 300_000;

/**
 * How long a server rests that was ejected so many times.
 *
 * @param base of the first rest, in ms
 */
export function restAfter(ejections: number, base: number): number {
  return Math.min(base * ejections, Math.max(base, LONGEST_REST_MS));
}

/** What became of the calls at one server, and how often it was ejected for it. */
export class Outcomes {
  #failures = 0;
  #successes = 0;
  #asOf = 0;
  #ejections = 0;
  #inUseSince = Infinity;

  succeeded(now: number): void {
    this.#fade(now);
    this.#successes++;
  }

  failed(now: number): void {
    this.#fade(now);
    this.#failures++;
  }

  /** @returns how many times, but for those that are forgiven */
  ejected(now: number): number {
    const forgiven = Math.floor(Math.max(now - this.#inUseSince, 0) / FORGIVEN_AFTER_MS);
    this.#ejections = Math.max(this.#ejections - forgiven, 0) + 1;
    this.#inUseSince = Infinity;
    return this.#ejections;
  }

  /** The server is used again. What it did before its rest is not held against it. */
  startAnew(now: number): void {
    this.#failures = 0;
    this.#successes = 0;
    this.#inUseSince = now;
  }

  /** @param isOnTrial whether it has been ejected, and was given one call to prove itself by */
  isOutlierAmong(peers: readonly Outcomes[], now: number, isOnTrial: boolean): boolean {
    this.#fade(now);
    const calls = this.#failures + this.#successes;
    if (!isOnTrial && calls < FEWEST_CALLS) return false;
    return (
      shareOf({ failures: this.#failures, calls }) - shareOf(Outcomes.pooled(peers, now)) > MARGIN
    );
  }

  static pooled(outcomes: readonly Outcomes[], now: number): { failures: number; calls: number } {
    let failures = 0;
    let calls = 0;
    for (const one of outcomes) {
      one.#fade(now);
      failures += one.#failures;
      calls += one.#failures + one.#successes;
    }
    return { failures, calls };
  }

  #fade(now: number): void {
    const age = now - this.#asOf;
    const calls = this.#failures + this.#successes;
    if (age < STEP_MS && calls <= MOST_CALLS) return;
    const weight = Math.exp(-age / MEMORY_MS) * Math.min(MOST_CALLS / (calls || 1), 1);
    this.#failures *= weight;
    this.#successes *= weight;
    this.#asOf = now;
  }
}

/** The share of failures: 0 where there were no calls. */
function shareOf({ failures, calls }: { failures: number; calls: number }): number {
  return calls === 0 ? 0 : failures / calls;
}
