import type { Balancer } from './balancer.js';
import { FreelanceError } from './freelance-error.js';
import { isFailing, isRefusing } from './health.js';
import type { Member } from './member.js';
import { isThenable } from './thenable.js';
import { shareOfRecovered, SLOW_START_MS } from './slow-start.js';

/** What a call has learned about the servers, and the pick should heed. */
export interface CallExperience<M> {
  /**
   * Whether it did not get into, or past, the connection of the moment, or that server may still run an earlier attempt:
   * it is not sent there again.
   */
  cannotGoTo(member: M): boolean;
  /** Whether the server itself said no. */
  wasRefusedBy(member: M): boolean;
  /** Whether that server may still run an attempt that was given up. */
  mayStillRunAt(member: M): boolean;
  /** Whether that server had it and did not answer: it is asked again only if no other can. */
  wasTriedAt(member: M): boolean;
}

/**
 * How many of the servers may be failing, that is, rest: half of them, and one of any number. If more let
 * calls time out, it is likely not the servers. Envoy's `max_ejection_percent` is 10, for clusters of
 * hundreds: of three servers, that is none.
 */
const MOST_FAILING = 0.5;

/**
 * Of a lower share of living servers than this, all that are connected are used, failing ones like others:
 * the few would be overrun. Source: Envoy, `healthy_panic_threshold`, 50 %.
 */
const PANIC_BELOW = 0.5;

interface Tiers<M> {
  readonly preferred: readonly M[];
  readonly reserve: readonly M[];
  readonly isPanic: boolean;
}

/** The servers that a client watches, in the order in which they were added. */
export class Pool<M extends Member> {
  readonly #members = new Map<string, M>();
  readonly #balancer: Balancer;
  readonly #random: () => number;
  /** Members by tier, sorted anew only after a health has changed: a pick is on every call's way. */
  #tiers: Tiers<M> | undefined;
  /** Until then, some server is starting slowly. */
  #slowUntil = -Infinity;
  /** How many attempts were given to a server while too few were healthy. */
  panics = 0;

  constructor(balancer: Balancer, random: () => number) {
    this.#balancer = balancer;
    this.#random = random;
  }

  get members(): M[] {
    return [...this.#members.values()];
  }

  get size(): number {
    return this.#members.size;
  }

  get(endpoint: string): M | undefined {
    return this.#members.get(endpoint);
  }

  add(member: M): void {
    this.#members.set(member.endpoint, member);
    member.peers = () => this.members.filter((peer) => peer !== member);
    this.healthChanged();
  }

  remove(member: M): void {
    this.#members.delete(member.endpoint);
    this.healthChanged();
  }

  /** To be told after every change of a member's health. */
  healthChanged(): void {
    this.#tiers = undefined;
  }

  /** Whether no server lets this client in: there is nothing to wait for. */
  get isUnauthorized(): boolean {
    if (this.#members.size === 0) return false;
    for (const { health } of this.#members.values()) if (!isRefusing(health)) return false;
    return true;
  }

  /** That server is used again. */
  recovered(member: M, now: number): void {
    member.recoveredAt = now;
    member.outcomes.startAnew(now);
    this.#slowUntil = now + SLOW_START_MS;
  }

  /** Whether one more server may rest for its failures. */
  mayEject(): boolean {
    const failing = this.members.filter(({ health }) => isFailing(health)).length;
    return failing < Math.max(Math.floor(this.#members.size * MOST_FAILING), 1);
  }

  /**
   * Whether that server is to rest, for it fails far more of its calls than the others that are in use.
   *
   * @param isOnTrial whether it has rested for that, and failed its trial
   */
  isOutlier(member: M, now: number, isOnTrial: boolean): boolean {
    const peers = member.peers().filter(({ health }) => health.state === 'alive');
    // Never the last one.
    if (peers.length === 0 || (!isOnTrial && !this.mayEject())) return false;
    const outcomes = peers.map((peer) => peer.outcomes);
    return member.outcomes.isOutlierAmong(outcomes, now, isOnTrial);
  }

  /** The servers that could take a call, suspect ones last. */
  get usable(): M[] {
    const { preferred, reserve } = this.#byTier();
    return [...preferred, ...reserve];
  }

  get isUsable(): boolean {
    const { preferred, reserve } = this.#byTier();
    return preferred.length + reserve.length > 0;
  }

  /** Whether there are usable servers that this call may be sent to, and each of them refused it. */
  isRefusedByAll(call: CallExperience<M> | undefined): boolean {
    if (!call) return false;
    const open = this.usable.filter((member) => !call.mayStillRunAt(member));
    return open.length > 0 && open.every((member) => call.wasRefusedBy(member));
  }

  /** Whether some usable server cannot have this call running still. */
  hasElsewhere(call: CallExperience<M> | undefined): boolean {
    return this.usable.some((member) => !call?.mayStillRunAt(member));
  }

  /**
   * The server for a call: a preferred one that has not had it, else a reserve, else one that has had
   * it already. Undefined if none can take it now.
   *
   * @param call undefined for a call that has not been anywhere
   * @param balancer who chooses, if not the one that chooses for most calls
   */
  pick(call: CallExperience<M> | undefined, now: number, balancer?: Balancer): M | undefined {
    const { preferred, reserve } = this.#byTier();
    if (!call) {
      return (
        this.#pickFrom(withRoom(preferred), now, balancer) ??
        this.#pickFrom(withRoom(reserve), now, balancer)
      );
    }
    const canTake = (member: M) => member.hasRoom && !call.cannotGoTo(member);
    return (
      this.pickNew(call, now, balancer) ??
      this.#pickFrom(preferred.filter(canTake), now, balancer) ??
      this.#pickFrom(reserve.filter(canTake), now, balancer)
    );
  }

  /** The same, but none that has had it. */
  pickNew(call: CallExperience<M>, now: number, balancer?: Balancer): M | undefined {
    return (
      this.pickSound(call, now, balancer) ??
      this.#pickNewOf(this.#byTier().reserve, call, now, balancer)
    );
  }

  /** The same, but no reserve. */
  pickSound(call: CallExperience<M>, now: number, balancer?: Balancer): M | undefined {
    return this.#pickNewOf(this.#byTier().preferred, call, now, balancer);
  }

  #pickNewOf(
    members: readonly M[],
    call: CallExperience<M>,
    now: number,
    balancer?: Balancer,
  ): M | undefined {
    const isNew = (member: M) =>
      member.hasRoom && !call.cannotGoTo(member) && !call.wasTriedAt(member);
    return this.#pickFrom(members.filter(isNew), now, balancer);
  }

  #pickFrom(candidates: readonly M[], now: number, balancer?: Balancer): M | undefined {
    // One that is given has its own reasons: a key stays with its server.
    const offered =
      balancer || now >= this.#slowUntil ? candidates : this.#withoutSlow(candidates, now);
    if (!isNonEmpty(offered)) return undefined;
    const context = { now, random: this.#random };
    const picked: M | undefined = (balancer ?? this.#balancer).pick(offered, context);
    if (picked && offered.includes(picked)) {
      if (this.#members.get(picked.endpoint) !== picked) {
        throw new FreelanceError(
          'BAD_OPTIONS',
          'balancer.pick must not remove the server that it returns: call removeEndpoint elsewhere.',
        );
      }
      if (this.#tiers?.isPanic) this.panics++;
      return picked;
    }
    throw new FreelanceError(
      'BAD_OPTIONS',
      `balancer.pick must return one of the ${offered.length} servers it was given, ` +
        `but returned ${describePick(picked)}`,
    );
  }

  /** Servers that start slowly are offered for a share of the calls, unless there are no others. */
  #withoutSlow(candidates: readonly M[], now: number): readonly M[] {
    const offered = candidates.filter(({ recoveredAt }) => {
      const share = shareOfRecovered(recoveredAt, now);
      return share === 1 || this.#random() < share;
    });
    return offered.length > 0 ? offered : candidates;
  }

  #byTier(): Tiers<M> {
    return (this.#tiers ??= this.#sorted());
  }

  #sorted(): Tiers<M> {
    const members = this.members.filter(({ tier }) => tier !== undefined);
    const living = members.filter(({ health }) => health.state === 'alive').length;
    const isPanic =
      living < this.#members.size * PANIC_BELOW && members.some(({ health }) => isFailing(health));
    const isPreferred = ({ tier, health }: M) =>
      tier === 'preferred' || (isPanic && isFailing(health));
    return {
      preferred: members.filter(isPreferred),
      reserve: members.filter((member) => !isPreferred(member)),
      isPanic,
    };
  }
}

/** Usually all of them: then the list itself, without a copy. */
function withRoom<M extends Member>(members: readonly M[]): readonly M[] {
  return members.every(hasRoom) ? members : members.filter(hasRoom);
}

function describePick(picked: unknown): string {
  if (picked === undefined) return 'undefined';
  if (!isThenable(picked)) return 'something else';
  // Nobody waits for it, so nobody else hears if it rejects: that would end the process.
  picked.then(undefined, () => {});
  return 'a promise: it has to choose at once';
}

function hasRoom(member: Member): boolean {
  return member.hasRoom;
}

function isNonEmpty<T>(list: readonly T[]): list is readonly [T, ...T[]] {
  return list.length > 0;
}
