import { isFailing } from './health.js';
import type { Member } from './member.js';

/**
 * Panic: if a smaller share of the servers of each priority is alive, ejected ones are used like the others, since the few that are
 * alive would be overloaded. Source: Envoy, `healthy_panic_threshold`, 50 %, and "Priority levels": there is no panic while one
 * priority can take the calls of all.
 */
const PANIC_BELOW = 0.5;

/** @param members all servers of a pool */
export function isInPanic(members: readonly Member[]): boolean {
  // Who is failing is suspect, and hardly ever is any of thousands.
  if (!members.some(({ state, health }) => state === 'suspect' && isFailing(health))) return false;
  const levels = new Map<number, { size: number; living: number }>();
  for (const { priority, state, isExcluded } of members) {
    if (isExcluded) continue;
    const { size, living } = levels.get(priority) ?? { size: 0, living: 0 };
    levels.set(priority, { size: size + 1, living: living + (state === 'alive' ? 1 : 0) });
  }
  return [...levels.values()].every(({ size, living }) => living < size * PANIC_BELOW);
}
