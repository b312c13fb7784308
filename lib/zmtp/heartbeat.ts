export interface HeartbeatTimes {
  /** How long, in ms, nothing comes until a PING is sent. */
  readonly intervalMs: number;
  /** How long, in ms, a peer may be silent after a PING. */
  readonly timeoutMs: number;
}

/** What is to be done now. */
export type HeartbeatVerdict =
  | 'nothing'
  | 'ping'
  /** The peer seems to be silent: look again once what has arrived meanwhile has been received. */
  | 'look-again'
  /** The peer is silent: end the connection. */
  | 'silent';

/**
 * When to ping one peer, and when it is silent. All times in ms, of a clock that never goes back.
 *
 * libzmq's rules, with two differences: whatever comes counts, not only whole frames, so that a large message over a slow
 * line is no silence; and a peer is silent only at the second look, because at the first this side may have been
 * the one that was stalled.
 */
export class Heartbeat {
  readonly #times: HeartbeatTimes;
  #received: number;
  #heardAt: number;
  #pingAt: number;
  /** When the first PING was sent that nothing has come after. */
  #unansweredSince: number | undefined;
  #peerTtlMs = 0;
  #isSuspect = false;

  /** @param received the session's count of bytes */
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
   * Call it from `nextAt` on; earlier does no harm. A PING is due when nothing has come for an interval.
   *
   * @param peerTtlMs how long the peer's last PING wants the peer to be thought alive; 0 if it says nothing
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
