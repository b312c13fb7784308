import type { Entry } from '../ledger/entry.js';
import type { Network } from '../network/network.js';
import type { Timeline } from '../time/timeline.js';
import type { Process } from '../world/process.js';
import type { Verdict } from './verdict.js';

/** How long a retry budget remembers, in ms, give or take a tenth: `core/retry-budget.ts`. */
const TTL_MS = 10_000;
const SHORTEST_TTL_MS = 9000;

/** What one client has requested, and the additional work that it caused. */
interface Account {
  calls: number;
  extra: number;
}

/** Checks that clients keep within their retry budgets. */
export class Budgets {
  readonly #timeline: Timeline;
  readonly #network: Network;
  readonly #verdict: Verdict;
  readonly #accounts = new Map<Process, Account>();

  constructor(timeline: Timeline, network: Network, verdict: Verdict) {
    this.#timeline = timeline;
    this.#network = network;
    this.#verdict = verdict;
  }

  asked({ client, isBroadcast, terms }: Entry): void {
    this.#accountOf(client).calls += isBroadcast ? terms.servers : 1;
  }

  /**
   * A handler begins. If an earlier attempt may have run, and no connection of the client has ended meanwhile, nothing was
   * lost: the attempt is a hedge, or follows a time-out.
   */
  beginning({ client, startedAt, terms, name }: Entry, attempt: number): void {
    if (attempt === 1 || this.#network.endedLastAt(client) >= startedAt) return;
    const account = this.#accountOf(client);
    account.extra++;
    const { ratio, minPerSecond } = terms.retryBudget;
    const age = this.#timeline.now - client.bornAt;
    const periods = Math.ceil(age / SHORTEST_TTL_MS);
    const most = ratio * account.calls + (minPerSecond * periods * TTL_MS) / 1000;
    if (account.extra <= most) return;
    const what = `${account.extra} attempts that add load, of at most ${most.toFixed(1)}`;
    this.#verdict.broken('bounds', `${client.name} has made ${what}: ${name}`);
  }

  #accountOf(client: Process): Account {
    let account = this.#accounts.get(client);
    if (!account) this.#accounts.set(client, (account = { calls: 0, extra: 0 }));
    return account;
  }
}
