import type { ServerView } from './balancer.js';
import { isLeaving } from './connectivity.js';
import { type Health, type HealthState, stateOf, type Tier, tierOf } from './health.js';
import { SmoothedLatency } from './latency.js';
import { Outcomes } from './outlier-ejection.js';
import { ResponseTimes } from './response-times.js';
import type { ServerTarget } from './server-target.js';

/** What a balancer gets to see of a member: by it nothing can be changed. */
class MemberView implements ServerView {
  static {
    // The getters of all views are there.
    Object.freeze(this.prototype);
  }

  readonly endpoint: string;
  readonly #member: Member;

  constructor(member: Member) {
    this.endpoint = member.endpoint;
    this.#member = member;
    Object.freeze(this);
  }

  get latencyMs(): number | undefined {
    return this.#member.latency.ms;
  }

  get weight(): number {
    return this.#member.weight;
  }

  get pending(): number {
    return this.#member.pending;
  }

  get failures(): number {
    return this.#member.failures;
  }

  get load(): number {
    return this.#member.load;
  }

  responseMs(now: number): number | undefined {
    return this.#member.responseMs(now);
  }

  typicalMs(now: number): number | undefined {
    return this.#member.typicalMs(now);
  }

  failedLoad(now: number): number {
    return this.#member.failedLoad(now);
  }
}

/** What a server says of itself, for the choice of a server. */
export interface ServerTraits {
  readonly zone: string | undefined;
  readonly weight: number | undefined;
}

const NO_TRAITS: ServerTraits = { zone: undefined, weight: undefined };

/** One server of the pool: its health, its speed, and what it has to do for this client. */
export class Member {
  readonly latency = new SmoothedLatency();
  readonly view: ServerView;
  readonly outcomes = new Outcomes();
  /** The others of its pool, which sets it. */
  peers: () => readonly Member[] = () => [];
  readonly #times: ResponseTimes = new ResponseTimes(() => this.peers().map((peer) => peer.#times));
  /** As it was last named. */
  target: ServerTarget;
  /** What it says of itself; the target goes first. */
  says: ServerTraits = NO_TRAITS;
  pending = 0;
  load = 0;
  /** How many calls it takes at once. A basic server, which knows no ids, takes one. */
  capacity = Infinity;
  /** When it was last found to be well again after it had failed or was dead. */
  recoveredAt = -Infinity;
  #health: Health;
  /** State and tier follow from the health. Every change of one server has those of all others read, so they are kept. */
  #state: HealthState;
  #tier: Tier;

  constructor(
    readonly endpoint: string,
    health: Health,
  ) {
    this.#health = health;
    this.#state = stateOf(health);
    this.#tier = tierOf(health);
    this.target = { endpoint };
    this.view = new MemberView(this);
  }

  get zone(): string | undefined {
    return this.target.zone ?? this.says.zone;
  }

  get weight(): number {
    return this.target.weight ?? this.says.weight ?? 1;
  }

  get priority(): number {
    return this.target.priority ?? 0;
  }

  get latencyMs(): number | undefined {
    return this.latency.ms;
  }

  get failures(): number {
    return this.health.ejection.timeouts;
  }

  responseMs(now: number): number | undefined {
    return this.#times.expectedAt(now);
  }

  typicalMs(now: number): number | undefined {
    return this.#times.typicalAt(now);
  }

  failedLoad(now: number): number {
    return this.#times.failedLoadAt(now);
  }

  /** A call succeeded there, or has begun to. */
  responded(afterMs: number, now: number): void {
    this.#times.succeeded(afterMs, now);
  }

  /** A call failed there. */
  respondedByFailing(afterMs: number, now: number): void {
    this.#times.failed(afterMs, now);
  }

  /** A call that is no longer waited for would have been answered after more than that, if at all. */
  isSlowerThan(ms: number, now: number): void {
    this.#times.isSlowerThan(ms, now);
  }

  get hasRoom(): boolean {
    return this.pending < this.capacity;
  }

  /** Whether it has turned out that it cannot take calls: now, or soon. */
  get isLost(): boolean {
    return this.tier === undefined && this.state !== 'connecting';
  }

  /**
   * Whether it does not count where shares of the servers are measured: of one that connects nothing is known yet, and one that
   * leaves, or has left, does so on purpose, and others take its place. Source: Envoy, "Excluded endpoints".
   */
  get isExcluded(): boolean {
    return this.state === 'connecting' || isLeaving(this.health.connectivity);
  }

  get health(): Health {
    return this.#health;
  }

  set health(health: Health) {
    this.#health = health;
    this.#state = stateOf(health);
    this.#tier = tierOf(health);
  }

  get state(): HealthState {
    return this.#state;
  }

  get tier(): Tier {
    return this.#tier;
  }
}
