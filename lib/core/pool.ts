import type { Balancer } from './balancer.js';
import type { Candidates } from './candidates.js';
import { isRefusing } from './connectivity.js';
import { type Eligibility, isInNewZone, isNewTo } from './eligibility.js';
import type { PriorityShare, Spares } from './groups.js';
import { isFailing } from './health.js';
import type { Member } from './member.js';
import { shareOfRecovered, SLOW_START_MS } from './slow-start.js';
import { type Tiers, tiersOf } from './tiers.js';

/**
 * The share of the servers that may be ejected at a time; one may in any case. If more than half let calls time out, the cause
 * is probably not the servers. Envoy's `max_ejection_percent` is 10, for clusters of hundreds: of three servers that is none.
 */
const MOST_FAILING = 0.5;

/** The servers that a client knows, in the order in which they were added; `CallRouter` picks one for each attempt. */
export class Pool<M extends Member> {
  readonly #members = new Map<string, M>();
  /** The same, replaced when one comes or goes: it may be iterated meanwhile. */
  #list: readonly M[] | undefined;
  readonly #balancer: Balancer;
  readonly #random: () => number;
  readonly #zone: string | undefined;
  #spares: Spares = new Map();
  /** Members by tier, computed only after a change of some member's health, since every call needs them. */
  #tiers: Tiers<M> | undefined;
  /** How many may get calls. Undefined after such a change, too. */
  #usable: number | undefined;
  /** Until this time some server gets less than its share, because it has just recovered (slow start). */
  #slowUntil = -Infinity;
  /** How many picks were made in panic. */
  panics = 0;

  /** @param zone of the client: calls stay there as far as its servers can take them */
  constructor(balancer: Balancer, random: () => number, zone?: string) {
    this.#balancer = balancer;
    this.#random = random;
    this.#zone = zone;
  }

  get members(): readonly M[] {
    return (this.#list ??= [...this.#members.values()]);
  }

  get size(): number {
    return this.#members.size;
  }

  get(endpoint: string): M | undefined {
    return this.#members.get(endpoint);
  }

  add(member: M): void {
    this.#members.set(member.endpoint, member);
    this.#list = undefined;
    member.peers = () => this.members.filter((peer) => peer !== member);
    this.#tiers = undefined;
    // Whoever adds thousands asks before each of them whether the pool is usable.
    if (this.#usable !== undefined && member.tier !== undefined) this.#usable++;
  }

  remove(member: M): void {
    this.#members.delete(member.endpoint);
    this.#list = undefined;
    this.healthChanged();
  }

  /** To be told after every change of a member's health, zone, weight or priority. Balancers get a new list of servers then. */
  healthChanged(): void {
    this.#tiers = undefined;
    this.#usable = undefined;
  }

  /** Whether no server lets this client in: there is nothing to wait for. */
  get isUnauthorized(): boolean {
    if (this.#members.size === 0) return false;
    for (const { health } of this.#members.values())
      if (!isRefusing(health.connectivity)) return false;
    return true;
  }

  /** The server is in use again after it had failed or was dead. */
  recovered(member: M, now: number): void {
    member.recoveredAt = now;
    member.outcomes.startAnew(now);
    this.#slowUntil = now + SLOW_START_MS;
  }

  /** Whether one more server may be ejected. */
  mayEject(): boolean {
    const failing = this.members.filter(({ health }) => isFailing(health)).length;
    return failing < Math.max(Math.floor(this.#members.size * MOST_FAILING), 1);
  }

  /**
   * Whether the server is to be ejected because it fails far more of its calls than the other servers that are alive.
   *
   * @param isOnTrial whether it was ejected before, and has failed its trial
   */
  isOutlier(member: M, now: number, isOnTrial: boolean): boolean {
    const peers = member.peers().filter(({ state }) => state === 'alive');
    // The last one that is alive is never ejected.
    if (peers.length === 0 || (!isOnTrial && !this.mayEject())) return false;
    const outcomes = peers.map((peer) => peer.outcomes);
    return member.outcomes.isOutlierAmong(outcomes, now, isOnTrial);
  }

  /** The servers that may get calls, those of the reserve last. */
  get usable(): M[] {
    const { preferred, reserve } = this.#byTier();
    return [...preferred.members, ...reserve.members];
  }

  /** How many these are. */
  get usableCount(): number {
    return (this.#usable ??= this.members.filter(({ tier }) => tier !== undefined).length);
  }

  get isUsable(): boolean {
    return this.usableCount > 0;
  }

  /** Whether every usable server that does not still run this call has refused it, and there is such a server. */
  isRefusedByAll(call: Eligibility<M> | undefined): boolean {
    if (!call) return false;
    const open = this.usable.filter((member) => !call.mayStillRunAt(member));
    return open.length > 0 && open.every((member) => call.wasRefusedBy(member));
  }

  /** Whether there is a usable server that does not still run this call. */
  hasElsewhere(call: Eligibility<M> | undefined): boolean {
    return this.usable.some((member) => !call?.mayStillRunAt(member));
  }

  /**
   * The server for a call: a preferred one that has not had it, else one of the reserve that has not, else one that has had it.
   * Undefined if none can take it now.
   *
   * @param call undefined on the first attempt of a call
   * @param balancer chooses instead of the pool's own balancer, as for calls with a routing key
   */
  pick(call: Eligibility<M> | undefined, now: number, balancer?: Balancer): M | undefined {
    if (!call) {
      return (
        this.#pickPreferred(undefined, now, balancer) ??
        this.#pickFrom(this.#byTier().reserve.withRoom(), now, balancer)
      );
    }
    const canTake = (member: M) => member.hasRoom && !call.cannotGoTo(member);
    return (
      this.pickNew(call, now, balancer) ??
      this.#pickPreferred(canTake, now, balancer) ??
      this.#pickFrom(this.#byTier().reserve.where(canTake), now, balancer)
    );
  }

  /** Like `pick`, but only a server that has not had the call. */
  pickNew(call: Eligibility<M>, now: number, balancer?: Balancer): M | undefined {
    return (
      (call.losses > 1 && !balancer ? this.#pickInNewZone(call, now) : undefined) ??
      this.#pickPreferred(isNewTo(call), now, balancer) ??
      this.#pickFrom(this.#byTier().reserve.where(isNewTo(call)), now, balancer)
    );
  }

  /** Like `pickNew`, but only a preferred server, for a call whose servers are silent. */
  pickSound(call: Eligibility<M>, now: number, balancer?: Balancer): M | undefined {
    return (
      (balancer ? undefined : this.#pickInNewZone(call, now)) ??
      this.#pickPreferred(isNewTo(call), now, balancer)
    );
  }

  /** Of a zone that has not had the call: one may be lost as a whole. Not for routing keys, whose server stays the same. */
  #pickInNewZone(call: Eligibility<M>, now: number): M | undefined {
    const elsewhere = isInNewZone(call, this.#members.values());
    return elsewhere && this.#pickPreferred(elsewhere, now);
  }

  /** How calls are shared by priority and zone now; empty if there is nothing to share. */
  shares(now: number): readonly PriorityShare[] {
    return this.#byTier().groups?.shares(now) ?? [];
  }

  /** @param canTake undefined: whoever has room */
  #pickPreferred(
    canTake: ((member: M) => boolean) | undefined,
    now: number,
    balancer?: Balancer,
  ): M | undefined {
    const { preferred, groups } = this.#byTier();
    const take = (group: Candidates<M>) =>
      this.#pickFrom(canTake ? group.where(canTake) : group.withRoom(), now, balancer);
    if (!groups) return take(preferred);
    // The server of a routing key must be the same for all clients, wherever they are.
    return balancer ? groups.firstByPriority(take) : groups.first(now, this.#random, take);
  }

  #pickFrom(candidates: Candidates<M>, now: number, balancer?: Balancer): M | undefined {
    // A balancer that is given is not subject to slow start: the calls of a routing key stay with their server.
    const offered =
      balancer || now >= this.#slowUntil ? candidates : this.#withoutSlow(candidates, now);
    const context = { now, random: this.#random };
    const picked = offered.pickBy(balancer ?? this.#balancer, context);
    if (picked && this.#tiers?.isPanic) this.panics++;
    return picked;
  }

  /** Slow start: servers that have just recovered are candidates for a share of the calls only, unless there are no others. */
  #withoutSlow(candidates: Candidates<M>, now: number): Candidates<M> {
    const offered = candidates.where(({ recoveredAt }) => {
      const share = shareOfRecovered(recoveredAt, now);
      return share === 1 || this.#random() < share;
    });
    return offered.size > 0 ? offered : candidates;
  }

  #byTier(): Tiers<M> {
    if (this.#tiers) return this.#tiers;
    const tiers = tiersOf(this.members, this.#zone, this.#spares);
    this.#spares = tiers.groups?.spares ?? this.#spares;
    return (this.#tiers = tiers);
  }
}
