export interface HeartbeatPolicy {
  /** Time between PINGs, in ms. */
  readonly interval: number;
  /** Silence after which the server counts as dead, in ms. */
  readonly timeout: number;
}

export type Pulse = 'fresh' | 'overdue' | 'silent';

/**
 * The heartbeats of one connection: which PINGs are out, how long the server has been quiet.
 *
 * Silence needs two things: nothing was heard for `timeout`, and a PING had its time to be answered.
 * The second keeps a client whose own event loop stood still from taking its servers for dead.
 */
export class Heartbeat {
  readonly #policy: HeartbeatPolicy;
  /** How long a PING may take. At most an interval; less where the timeout leaves less. */
  readonly #pongTimeout: number;
  /** When each PING was sent that has had no PONG, oldest first. */
  readonly #sentAt = new Map<string, number>();
  #nextId = 1;
  #nextPingAt: number;
  #lastHeardAt: number;
  #unansweredSince = Infinity;

  constructor(policy: HeartbeatPolicy, now: number) {
    this.#policy = policy;
    this.#pongTimeout = Math.min(policy.interval, policy.timeout - policy.interval);
    this.#nextPingAt = now;
    this.#lastHeardAt = now;
  }

  isPingDue(now: number): boolean {
    return now >= this.#nextPingAt;
  }

  /** Notes that a PING goes out now and returns its id. */
  ping(now: number): string {
    const id = String(this.#nextId++);
    this.#sentAt.set(id, now);
    this.#forgetOld(now);
    this.#nextPingAt = now + this.#policy.interval;
    this.#unansweredSince = Math.min(this.#unansweredSince, now);
    return id;
  }

  /**
   * The round-trip time of a PONG, in ms. A PONG may also be `repeated`, or come very late: then it
   * proves life and measures nothing. Undefined if there never was such a PING.
   */
  pong(id: string, now: number): number | 'repeated' | undefined {
    const sentAt = this.#sentAt.get(id);
    if (sentAt === undefined) {
      if (!this.#hasSent(id)) return undefined;
      this.heard(now);
      return 'repeated';
    }
    this.#sentAt.delete(id);
    this.heard(now);
    return now - sentAt;
  }

  /**
   * A PONG without an id: it answers the oldest PING, unless the server left some unanswered. So with
   * several PINGs out it proves life and measures nothing (Karn's algorithm).
   */
  pongWithoutId(now: number): number | undefined {
    const [oldest, ...others] = this.#sentAt;
    this.heard(now);
    if (!oldest) return undefined;
    const [id, sentAt] = oldest;
    this.#sentAt.delete(id);
    return others.length === 0 ? now - sentAt : undefined;
  }

  heard(now: number): void {
    this.#lastHeardAt = now;
    this.#unansweredSince = Infinity;
  }

  /** Whether a PING is unanswered for longer than one may take. */
  isOverdue(now: number): boolean {
    return now >= this.#overdueAt;
  }

  pulse(now: number): Pulse {
    if (now >= this.#silentAt) return 'silent';
    return now >= this.#overdueAt ? 'overdue' : 'fresh';
  }

  /** When there is next something to do: a PING to send, or a silence to notice that is yet to come. */
  nextDueAt(now: number): number {
    const toCome = [this.#overdueAt, this.#silentAt].filter((at) => at > now);
    return Math.min(this.#nextPingAt, ...toCome);
  }

  /** What is kept must not grow with the silence of a server. */
  #forgetOld(now: number): void {
    for (const [id, sentAt] of this.#sentAt) {
      if (now - sentAt <= this.#policy.timeout) return;
      this.#sentAt.delete(id);
    }
  }

  #hasSent(id: string): boolean {
    return /^[1-9]\d*$/.test(id) && Number(id) < this.#nextId;
  }

  get #overdueAt(): number {
    return this.#unansweredSince + this.#pongTimeout;
  }

  get #silentAt(): number {
    return Math.max(this.#lastHeardAt + this.#policy.timeout, this.#overdueAt);
  }
}
