export interface HeartbeatTimes {
  /** A PING is sent after this long without any bytes, in ms. */
  readonly intervalMs: number;
  /** How long a peer may stay silent after a PING, in ms. */
  readonly timeoutMs: number;
}

/** What the caller has to do now. */
export type HeartbeatVerdict =
  | 'nothing'
  | 'ping'
  /** The peer seems silent: look again after reading what has arrived meanwhile. */
  | 'look-again'
  /** The peer is silent: end the connection. */
  | 'silent';

/**
 * Decides when to ping one peer, and when it is silent. All times in ms of a monotonic clock.
 *
 * The rules are libzmq's, with two differences. All received bytes count, not only whole frames, so that a large message
 * on a slow line is not silence. And a peer is silent only at the second look, because at the first one this process may
 * have been the stalled one.
 */
export class Heartbeat {
  readonly #times: HeartbeatTimes;
  #received: number;
  #heardAt: number;
  #pingAt: number;
  /** When the first PING was sent since bytes last arrived. */
  #unansweredSince: number | undefined;
  #peerTtlMs = 0;
  #isSuspect = false;

  /** @param received the session's count of received bytes */
  constructor(times: HeartbeatTimes, received: number, now: number) {
    this.#times = times;
    this.#received = received;
    this.#heardAt = now;
    this.#pingAt = now + times.intervalMs;
  }

  /** When the next look is due. */
  get nextAt(): number {
    return Math.min(this.#pingAt, this.#silentAt);
  }

  /**
   * Call it from `nextAt` on; an earlier call does no harm. A PING is due after an interval without any bytes.
   *
   * @param peerTtlMs the TTL in the peer's last PING, in ms; 0 if it stated none
   */
  look(received: number, peerTtlMs: number, now: number): HeartbeatVerdict {
    this.#peerTtlMs = peerTtlMs;
    if (received !== this.#received) this.#heard(received, now);
    if (now >= this.#silentAt) {
      if (this.#isSuspect) return 'silent';
      this.#isSuspect = true;
      return 'look-again';
    }
    if (now < this.#pingAt) return 'nothing';
    this.#pingAt = now + this.#times.intervalMs;
    this.#unansweredSince ??= now;
    return 'ping';
  }

  #heard(received: number, now: number): void {
    this.#received = received;
    this.#heardAt = now;
    this.#unansweredSince = undefined;
    this.#isSuspect = false;
    this.#pingAt = now + this.#times.intervalMs;
  }

  get #silentAt(): number {
    const { timeoutMs } = this.#times;
    const byTimeout =
      this.#unansweredSince === undefined ? Infinity : this.#unansweredSince + timeoutMs;
    const byTtl = this.#peerTtlMs > 0 ? this.#heardAt + this.#peerTtlMs : Infinity;
    return Math.min(byTimeout, byTtl);
  }
}
