import { FailedLoad } from './failed-load.js';
import { DECAY_MS, PeakEwma } from './peak-ewma.js';

/** How fast others answer. */
type Peers = () => Iterable<ResponseTimes>;

/** How long what others take is remembered, in ms, at least: they are asked at most so often. */
const PEERS_HOLD_MS = 10;

/** And for each of them, in ms: to ask 200, while all fail, took 40 µs of each pick. The median of many moves slowly. */
const PEERS_HOLD_MS_EACH = 1;

/**
 * How long calls at a server take: those that succeed. One that fails says nothing of that, unless it took longer; for
 * what always fails is fast, and would have all the calls. While a server fails, it is taken to be no faster than its
 * peers, the more so the longer ago its last success was.
 */
export class ResponseTimes {
  readonly #peers: Peers;
  readonly #successes = new PeakEwma();
  readonly #failures = new FailedLoad();
  #succeededAt = -Infinity;
  #isFailing = false;
  #peersMs: number | undefined;
  #peersHoldUntil = -Infinity;

  constructor(peers: Peers) {
    this.#peers = peers;
  }

  succeeded(afterMs: number, now: number): void {
    this.#successes.observe(afterMs, now);
    this.#succeededAt = now;
    this.#isFailing = false;
  }

  failed(afterMs: number, now: number): void {
    this.#isFailing = true;
    this.#failures.failed(afterMs, this.expectedAt(now), now);
    const expected = this.#successes.at(now);
    if (expected !== undefined && afterMs > expected) this.#successes.observe(afterMs, now);
  }

  /** A call would have taken more than that. */
  isSlowerThan(ms: number, now: number): void {
    const expected = this.#successes.at(now);
    if (expected === undefined || ms > expected) this.#successes.observe(ms, now);
  }

  /** What a call there is likely to take, in ms; undefined if nothing is known. */
  expectedAt(now: number): number | undefined {
    const own = this.#successes.at(now);
    if (!this.#isFailing) return own;
    const peers = this.#ofPeers(now);
    if (peers === undefined) return own;
    return Math.max(own ?? 0, (1 - weightAfter(now - this.#succeededAt)) * peers);
  }

  /** Calls that failed lately, as if they still ran. */
  failedLoadAt(now: number): number {
    return this.#failures.isEmpty ? 0 : this.#failures.at(now, this.expectedAt(now));
  }

  #ofPeers(now: number): number | undefined {
    if (now >= this.#peersHoldUntil) {
      const peers = [...this.#peers()];
      this.#peersMs = ResponseTimes.#medianOf(peers, now);
      this.#peersHoldUntil = now + Math.max(PEERS_HOLD_MS, peers.length * PEERS_HOLD_MS_EACH);
    }
    return this.#peersMs;
  }

  /** Of those that have succeeded of late; if there are none, of all. Of two, the slower one. */
  static #medianOf(peers: readonly ResponseTimes[], now: number): number | undefined {
    const known = peers.filter((peer) => peer.#succeededAt > -Infinity);
    const recent = known.filter((peer) => now - peer.#succeededAt < DECAY_MS);
    const times = (recent.length > 0 ? recent : known).map((peer) => peer.#successes.at(now) ?? 0);
    return times.toSorted((a, b) => a - b)[Math.floor(times.length / 2)];
  }
}

function weightAfter(ms: number): number {
  return Math.exp(-ms / DECAY_MS);
}
