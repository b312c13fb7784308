import { Candidates } from './candidates.js';
import type { Member } from './member.js';
import { shareOfRecovered } from './slow-start.js';
import { OVERPROVISIONING, SpareCapacity, spillover } from './spillover.js';

/** How long shares are reused, in ms: they follow heartbeats, of which the fastest are 10 ms apart, and usual ones 1 s. */
const SHARES_HOLD_MS = 100;

/** Servers of one priority, as seen from the client's zone: those in it, or the others. */
interface Group<M extends Member> {
  /** Also those that cannot be called now. */
  readonly members: readonly M[];
  readonly preferred: Candidates<M>;
}

/** What the servers of a priority can take beside the calls that they have, on each side of the client's zone. */
interface Spare {
  readonly local: SpareCapacity;
  readonly remote: SpareCapacity;
}

/** Servers of one priority. */
interface Level<M extends Member> {
  readonly priority: number;
  readonly all: Group<M>;
  readonly local: Group<M>;
  readonly remote: Group<M>;
  readonly spare: Spare;
}

/** What part of the calls goes to the servers of one priority. */
export interface PriorityShare {
  /** That of the servers: 0 goes first. */
  readonly priority: number;
  /** Of all calls, from 0 to 1. */
  readonly share: number;
  /** Of those, the part that stays in the client's zone. 1 without a zone, and in a panic, in which zones do not count. */
  readonly localShare: number;
}

/** What one grouping leaves to the next one, by priority: it changes slowly. */
export type Spares = ReadonlyMap<number, Spare>;

/**
 * The preferred servers of a pool in the order in which a call is to try them: by priority, and those of the client's zone
 * first, as far as their health and their load allow.
 *
 * A level of priority takes as many calls as its health allows, and the next level the rest. Within a level, calls stay in the
 * zone by its health and the load that its servers report. Each call draws where it goes; if nobody there has room for it, it
 * goes elsewhere.
 *
 * Sources: Envoy, "Priority levels" and "Zone aware routing"; gRFC A56. Envoy's zone-aware routing needs to know how many
 * clients each zone has. Nobody knows that here, so load says when a zone has too many.
 */
export class Groups<M extends Member> {
  readonly #levels: readonly Level<M>[];
  #shares: readonly PriorityShare[] = [];
  #sharesHoldUntil = -Infinity;

  /**
   * @param members all servers of the pool
   * @param isPreferred whether a server is a first choice, as far as its health tells
   * @param zone of the client; undefined if it has none: then all servers are local
   * @param before `spares` of the previous grouping
   */
  constructor(
    members: readonly M[],
    isPreferred: (member: M) => boolean,
    zone: string | undefined,
    before: Spares,
  ) {
    // Whenever one of thousands changes, all are read: in one pass.
    const byPriority = new Map<number, SortedLevel<M>>();
    for (const member of members) {
      const { priority } = member;
      let level = byPriority.get(priority);
      if (!level) byPriority.set(priority, (level = emptyLevel()));
      const side = zone === undefined || member.zone === zone ? level.local : level.remote;
      level.all.members.push(member);
      side.members.push(member);
      if (!isPreferred(member)) continue;
      level.all.preferred.push(member);
      side.preferred.push(member);
    }
    this.#levels = [...byPriority]
      .toSorted(([a], [b]) => a - b)
      .map(([priority, { all, local, remote }]) => ({
        priority,
        all: groupOf(all),
        local: groupOf(local),
        remote: groupOf(remote),
        spare: before.get(priority) ?? {
          local: new SpareCapacity(),
          remote: new SpareCapacity(),
        },
      }));
  }

  /** For the next grouping. Of these priorities only: a discovery may name ever others. */
  get spares(): Spares {
    return new Map(this.#levels.map(({ priority, spare }) => [priority, spare]));
  }

  /** Whether it makes a difference. */
  static areNeeded(members: readonly Member[], zone: string | undefined): boolean {
    const [first] = members;
    if (!first) return false;
    const isLocal = first.zone === zone;
    return members.some(
      (other) =>
        other.priority !== first.priority ||
        (zone !== undefined && (other.zone === zone) !== isLocal),
    );
  }

  /**
   * What `take` makes of the first group of which it makes anything. The call draws with which it begins.
   *
   * @param take is given preferred servers, or none
   */
  first<T>(
    now: number,
    random: () => number,
    take: (preferred: Candidates<M>) => T | undefined,
  ): T | undefined {
    const shares = this.shares(now);
    const drawn = drawnFrom(shares, random);
    const isAtHome = random() < (shares[drawn]?.localShare ?? 1);
    const level = this.#levels[drawn];
    let taken = level && firstOf(level, isAtHome, take);
    for (const other of this.#levels) {
      if (taken !== undefined) break;
      if (other !== level) taken = firstOf(other, true, take);
    }
    return taken;
  }

  /** The same for what must not depend on the client's zone, such as routing keys: each level whole, the first ones first. */
  firstByPriority<T>(take: (preferred: Candidates<M>) => T | undefined): T | undefined {
    for (const { all } of this.#levels) {
      const taken = take(all.preferred);
      if (taken !== undefined) return taken;
    }
    return undefined;
  }

  shares(now: number): readonly PriorityShare[] {
    if (now >= this.#sharesHoldUntil) {
      this.#shares = this.#sharesAt(now);
      this.#sharesHoldUntil = now + SHARES_HOLD_MS;
    }
    return this.#shares;
  }

  #sharesAt(now: number): PriorityShare[] {
    const ofLevels = spillover(this.#levels.map(({ all }) => healthOf(all, now)));
    return this.#levels.map(({ priority, local, remote, spare }, index) => {
      const [localShare = 0] = spillover([
        healthOf(local, now) * spare.local.at(loadOf(local), now),
        healthOf(remote, now) * spare.remote.at(loadOf(remote), now),
      ]);
      return { priority, share: ofLevels[index] ?? 0, localShare };
    });
  }
}

/** A group while its members are sorted into it. */
interface SortedGroup<M> {
  readonly members: M[];
  readonly preferred: M[];
}

interface SortedLevel<M> {
  readonly all: SortedGroup<M>;
  readonly local: SortedGroup<M>;
  readonly remote: SortedGroup<M>;
}

function emptyLevel<M>(): SortedLevel<M> {
  return { all: emptyGroup(), local: emptyGroup(), remote: emptyGroup() };
}

function emptyGroup<M>(): SortedGroup<M> {
  return { members: [], preferred: [] };
}

function groupOf<M extends Member>({ members, preferred }: SortedGroup<M>): Group<M> {
  return { members, preferred: new Candidates(preferred) };
}

/** The share of a group that can be called, overprovisioned: from 0 to 1. */
function healthOf<M extends Member>({ members, preferred }: Group<M>, now: number): number {
  const all = members.reduce((sum, { weight, isExcluded }) => sum + (isExcluded ? 0 : weight), 0);
  const usable = preferred.members.reduce(
    (sum, { weight, recoveredAt }) => sum + weight * shareOfRecovered(recoveredAt, now),
    0,
  );
  return all > 0 ? Math.min((OVERPROVISIONING * usable) / all, 1) : 0;
}

/** The mean load of those that can be called. */
function loadOf<M extends Member>({ preferred }: Group<M>): number {
  let [weights, loads] = [0, 0];
  for (const { weight, load } of preferred.members) {
    weights += weight;
    loads += weight * load;
  }
  return weights > 0 ? loads / weights : 0;
}

function drawnFrom(shares: readonly PriorityShare[], random: () => number): number {
  if (shares.length === 1) return 0;
  let rest = random();
  const drawn = shares.findIndex(({ share }) => (rest -= share) < 0);
  return Math.max(drawn, 0);
}

function firstOf<M extends Member, T>(
  { local, remote }: Level<M>,
  isAtHome: boolean,
  take: (preferred: Candidates<M>) => T | undefined,
): T | undefined {
  const [one, other] = isAtHome ? [local, remote] : [remote, local];
  return take(one.preferred) ?? take(other.preferred);
}
