import { WaitingLine } from './waiting-line.js';

export interface ReplayPolicy {
  /** How long an outcome is remembered, in ms. */
  readonly window: number;
  readonly maxCount: number;
  readonly maxBytes: number;
}

interface Entry<Outcome> {
  readonly outcome: Outcome;
  readonly bytes: number;
  readonly forgetAt: number;
  readonly id: string;
  /** All that is remembered for the same client. */
  readonly siblings: Map<string, Entry<Outcome>>;
}

/** What became of calls, for a while, so that one that comes again need not run again. The oldest go first. */
export class ReplayWindow<Outcome> {
  readonly #policy: ReplayPolicy;
  readonly #line = new WaitingLine<Entry<Outcome>>();
  readonly #clients = new WeakMap<object, Map<string, Entry<Outcome>>>();
  #bytes = 0;

  constructor(policy: ReplayPolicy) {
    this.#policy = policy;
  }

  get size(): number {
    return this.#line.size;
  }

  /** @param client whose ids these are; what is remembered for it goes when it does */
  remember(client: object, id: string, outcome: Outcome, bytes: number, now: number): void {
    this.#forgetUntil(now);
    const siblings = this.#clients.get(client) ?? new Map<string, Entry<Outcome>>();
    this.#clients.set(client, siblings);
    const entry = { outcome, bytes, forgetAt: now + this.#policy.window, id, siblings };
    siblings.set(id, entry);
    this.#line.join(entry);
    this.#bytes += bytes;
    while (this.#line.size > this.#policy.maxCount || this.#bytes > this.#policy.maxBytes)
      this.#forgetOldest();
  }

  recall(client: object, id: string, now: number): Outcome | undefined {
    this.#forgetUntil(now);
    return this.#clients.get(client)?.get(id)?.outcome;
  }

  #forgetUntil(now: number): void {
    while ((this.#line.first?.forgetAt ?? Infinity) <= now) this.#forgetOldest();
  }

  #forgetOldest(): void {
    const entry = this.#line.shift();
    if (!entry) return;
    this.#bytes -= entry.bytes;
    entry.siblings.delete(entry.id);
  }
}
