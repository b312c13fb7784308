import { FailedLoad } from './failed-load.js';
import { DECAY_MS, PeakEwma } from './peak-ewma.js';
import { TypicalTime } from './typical-time.js';

/** The response times of the other servers. */
type Peers = () => Iterable<ResponseTimes>;

/** Medians over the peers, in ms; undefined if nothing is known of any. */
interface PeerTimes {
  readonly expectedMs: number | undefined;
  readonly typicalMs: number | undefined;
}

/** How long medians of the peers are reused, in ms, at least. */
const PEERS_HOLD_MS = 10;

/** And per peer, in ms: with many servers a median costs more, and moves slowly. */
const PEERS_HOLD_MS_EACH = 1;

/**
 * Response times of a server, learned from successful calls. A failed call counts only if it took longer than the
 * average: a server that fails fast would otherwise attract all calls. While a server fails, it is taken to be no faster
 * than its peers, the more so the longer its last success is ago. A new server is taken to be typical of its peers until its
 * own answers say otherwise: the first one often takes longest, while code is compiled and connections are opened.
 */
export class ResponseTimes {
  readonly #peers: Peers;
  readonly #peak = new PeakEwma();
  readonly #typical = new TypicalTime();
  readonly #failures = new FailedLoad();
  #succeededAt = -Infinity;
  #isFailing = false;
  #ofPeers: PeerTimes = { expectedMs: undefined, typicalMs: undefined };
  #peersHoldUntil = -Infinity;

  constructor(peers: Peers) {
    this.#peers = peers;
  }

  succeeded(afterMs: number, now: number): void {
    this.#peak.observe(afterMs, now);
    this.#observeTypical(afterMs, now);
    this.#succeededAt = now;
    this.#isFailing = false;
  }

  failed(afterMs: number, now: number): void {
    this.#isFailing = true;
    this.#failures.failed(afterMs, this.expectedAt(now), now);
    if (this.#peak.at(now) !== undefined) this.isSlowerThan(afterMs, now);
  }

  /** A call would have taken longer than this. */
  isSlowerThan(ms: number, now: number): void {
    if (ms > (this.#peak.at(now) ?? -Infinity)) this.#peak.observe(ms, now);
    if (ms > (this.#typical.ms ?? -Infinity)) this.#observeTypical(ms, now);
  }

  /** The expected time of a call there, in ms, which rises with a single slow answer; undefined if nothing is known. */
  expectedAt(now: number): number | undefined {
    const own = this.#peak.at(now);
    return this.#isFailing ? this.#noFaster(own, this.#peersAt(now).expectedMs, now) : own;
  }

  /** What a call there typically takes, in ms; undefined if nothing is known. */
  typicalAt(now: number): number | undefined {
    const own = this.#typical.at(now);
    return this.#isFailing ? this.#noFaster(own, this.#peersAt(now).typicalMs, now) : own;
  }

  /** Recently failed calls, counted as if they were still in flight. */
  failedLoadAt(now: number): number {
    return this.#failures.isEmpty ? 0 : this.#failures.at(now, this.expectedAt(now));
  }

  #observeTypical(ms: number, now: number): void {
    const peersMs = this.#typical.isKnown ? undefined : this.#peersAt(now).typicalMs;
    this.#typical.observe(ms, now, peersMs);
  }

  #noFaster(own: number | undefined, peers: number | undefined, now: number): number | undefined {
    if (peers === undefined) return own;
    return Math.max(own ?? 0, (1 - weightAfter(now - this.#succeededAt)) * peers);
  }

  #peersAt(now: number): PeerTimes {
    if (now >= this.#peersHoldUntil) {
      const peers = [...this.#peers()];
      this.#ofPeers = ResponseTimes.#mediansOf(peers, now);
      this.#peersHoldUntil = now + Math.max(PEERS_HOLD_MS, peers.length * PEERS_HOLD_MS_EACH);
    }
    return this.#ofPeers;
  }

  /** The medians of peers with recent successes, or of all peers if there are none. */
  static #mediansOf(peers: readonly ResponseTimes[], now: number): PeerTimes {
    const known = peers.filter((peer) => peer.#succeededAt > -Infinity);
    const recent = known.filter((peer) => now - peer.#succeededAt < DECAY_MS);
    const counted = recent.length > 0 ? recent : known;
    return {
      expectedMs: median(counted.map((peer) => peer.#peak.at(now) ?? 0)),
      typicalMs: median(counted.map((peer) => peer.#typical.ms ?? 0)),
    };
  }
}

/** Of two, the greater one. */
function median(values: readonly number[]): number | undefined {
  return values.toSorted((a, b) => a - b)[Math.floor(values.length / 2)];
}

function weightAfter(ms: number): number {
  return Math.exp(-ms / DECAY_MS);
}
