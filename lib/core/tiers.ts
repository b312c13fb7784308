import { Candidates } from './candidates.js';
import { Groups, type Spares } from './groups.js';
import { isFailing } from './health.js';
import type { Member } from './member.js';
import { isInPanic } from './panic.js';

/** `preferred` is the first choice. `reserve` is used only where no preferred server can take the call. */
export interface Tiers<M extends Member> {
  readonly preferred: Candidates<M>;
  /** The same by priority and zone; undefined if there is one priority, and one side of the client's zone, only. */
  readonly groups: Groups<M> | undefined;
  readonly reserve: Candidates<M>;
  readonly isPanic: boolean;
}

/**
 * The servers of a pool, sorted.
 *
 * @param zone of the client
 * @param spares of the groups before
 */
export function tiersOf<M extends Member>(
  members: readonly M[],
  zone: string | undefined,
  spares: Spares,
): Tiers<M> {
  const isPanic = isInPanic(members);
  // Who is failing is reached, and so has a tier.
  const isPreferred = ({ tier, health }: M) =>
    tier === 'preferred' || (isPanic && isFailing(health));
  const preferred: M[] = [];
  const reserve: M[] = [];
  for (const member of members) {
    if (member.tier !== undefined) (isPreferred(member) ? preferred : reserve).push(member);
  }
  // A zone of failing servers must not keep its calls. Source: Envoy, "Zone aware routing": not in a panic.
  const zoneThatCounts = isPanic ? undefined : zone;
  return {
    preferred: new Candidates(preferred),
    groups: Groups.areNeeded(members, zoneThatCounts)
      ? new Groups(members, isPreferred, zoneThatCounts, spares)
      : undefined,
    reserve: new Candidates(reserve),
    isPanic,
  };
}
