import { WaitingLine } from './waiting-line.js';

export interface ReplayPolicy {
  /** How long an outcome is remembered, in ms. */
  readonly window: number;
  readonly maxCount: number;
  readonly maxBytes: number;
  /** The share of both bounds that one account may use, from 0 to 1; the rest is for the others. */
  readonly share: number;
}

/** Outcomes in order of arrival, and their total size. */
class Ledger<Item extends { readonly bytes: number }> {
  readonly line = new WaitingLine<Item>();
  bytes = 0;

  enter(item: Item): void {
    this.line.join(item);
    this.bytes += item.bytes;
  }

  strike(item: Item): void {
    if (this.line.leave(item)) this.bytes -= item.bytes;
  }

  exceeds({ maxCount, maxBytes }: ReplayPolicy, share = 1): boolean {
    return this.line.size > maxCount * share || this.bytes > maxBytes * share;
  }
}

interface Entry<Outcome> {
  readonly outcome: Outcome;
  readonly bytes: number;
  readonly forgetAt: number;
  readonly id: string;
  /** Everything remembered for the same client. */
  readonly siblings: Map<string, Entry<Outcome>>;
  /** Everything remembered for the same account. */
  readonly account: Ledger<Entry<Outcome>>;
}

/** Remembers outcomes of calls for a while, so that a repeated call need not run again. The oldest are evicted first. */
export class ReplayWindow<Outcome> {
  readonly #policy: ReplayPolicy;
  readonly #all = new Ledger<Entry<Outcome>>();
  readonly #accounts = new WeakMap<object, Ledger<Entry<Outcome>>>();
  readonly #clients = new WeakMap<object, Map<string, Entry<Outcome>>>();

  constructor(policy: ReplayPolicy) {
    this.#policy = policy;
  }

  get size(): number {
    return this.#all.line.size;
  }

  /**
   * @param client whose ids these are; nothing is recalled for another one
   * @param account whose share the outcome counts for; several clients may have the same
   */
  remember(
    client: object,
    id: string,
    outcome: Outcome,
    bytes: number,
    now: number,
    account: object = client,
  ): void {
    this.#forgetUntil(now);
    const siblings = this.#clients.get(client) ?? new Map<string, Entry<Outcome>>();
    this.#clients.set(client, siblings);
    const ledger = this.#accounts.get(account) ?? new Ledger<Entry<Outcome>>();
    this.#accounts.set(account, ledger);
    const forgetAt = now + this.#policy.window;
    const entry = { outcome, bytes, forgetAt, id, siblings, account: ledger };
    siblings.set(id, entry);
    this.#all.enter(entry);
    ledger.enter(entry);
    while (ledger.exceeds(this.#policy, this.#policy.share)) this.#forget(ledger.line.first);
    while (this.#all.exceeds(this.#policy)) this.#forget(this.#all.line.first);
  }

  recall(client: object, id: string, now: number): Outcome | undefined {
    this.#forgetUntil(now);
    return this.#clients.get(client)?.get(id)?.outcome;
  }

  #forgetUntil(now: number): void {
    const { line } = this.#all;
    while ((line.first?.forgetAt ?? Infinity) <= now) this.#forget(line.first);
  }

  #forget(entry: Entry<Outcome> | undefined): void {
    if (!entry) return;
    this.#all.strike(entry);
    entry.account.strike(entry);
    entry.siblings.delete(entry.id);
  }
}
