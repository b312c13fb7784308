import type { Balancer } from './balancer.js';
import { FreelanceError } from './freelance-error.js';
import type { Member, Tier } from './member.js';

/** What a call has learned about the servers, and the pick should heed. */
export interface CallExperience<M> {
  /** Whether it did not get into, or past, the connection of the moment: it is not sent there again. */
  cannotGoTo(member: M): boolean;
  /** Whether the server itself said no. */
  wasRefusedBy(member: M): boolean;
  /** Whether that server had it and did not answer: it is asked again only if no other can. */
  wasTriedAt(member: M): boolean;
}

/** The servers that a client knows, in the order in which they were added. */
export class Pool<M extends Member> {
  readonly #members = new Map<string, M>();
  readonly #balancer: Balancer;
  readonly #random: () => number;
  /** Members by tier, sorted anew only after a health has changed: a pick is on every call's way. */
  #tiers: Record<Tier, M[]> | undefined;

  constructor(balancer: Balancer, random: () => number) {
    this.#balancer = balancer;
    this.#random = random;
  }

  get members(): M[] {
    return [...this.#members.values()];
  }

  get(endpoint: string): M | undefined {
    return this.#members.get(endpoint);
  }

  add(member: M): void {
    this.#members.set(member.endpoint, member);
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

  /** The servers that could take a call, suspect ones last. */
  get usable(): M[] {
    const { preferred, reserve } = this.#byTier();
    return [...preferred, ...reserve];
  }

  get isUsable(): boolean {
    const { preferred, reserve } = this.#byTier();
    return preferred.length + reserve.length > 0;
  }

  /** Whether there are usable servers, and each of them refused this call. */
  isRefusedByAll(call: CallExperience<M> | undefined): boolean {
    return (
      call !== undefined &&
      this.isUsable &&
      this.usable.every((member) => call.wasRefusedBy(member))
    );
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
    const { preferred, reserve } = this.#byTier();
    const isNew = (member: M) =>
      member.hasRoom && !call.cannotGoTo(member) && !call.wasTriedAt(member);
    return (
      this.#pickFrom(preferred.filter(isNew), now, balancer) ??
      this.#pickFrom(reserve.filter(isNew), now, balancer)
    );
  }

  #pickFrom(candidates: readonly M[], now: number, balancer = this.#balancer): M | undefined {
    if (!isNonEmpty(candidates)) return undefined;
    const picked: M | undefined = balancer.pick(candidates, { now, random: this.#random });
    if (picked && candidates.includes(picked)) return picked;
    throw new FreelanceError(
      'BAD_OPTIONS',
      `balancer.pick must return one of the ${candidates.length} servers it was given, ` +
        `but returned ${picked === undefined ? 'undefined' : 'something else'}`,
    );
  }

  #byTier(): Record<Tier, M[]> {
    if (!this.#tiers) {
      this.#tiers = { preferred: [], reserve: [] };
      for (const member of this.#members.values()) {
        if (member.tier) this.#tiers[member.tier].push(member);
      }
    }
    return this.#tiers;
  }
}

/** Usually all of them: then the list itself, without a copy. */
function withRoom<M extends Member>(members: readonly M[]): readonly M[] {
  return members.every(hasRoom) ? members : members.filter(hasRoom);
}

function hasRoom(member: Member): boolean {
  return member.hasRoom;
}

function isNonEmpty<T>(list: readonly T[]): list is readonly [T, ...T[]] {
  return list.length > 0;
}
