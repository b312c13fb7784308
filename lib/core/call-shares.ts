import type { PriorityShare } from './groups.js';

/** A part of a client's calls, for the labels of metrics. */
export interface CallShare {
  /** Undefined for all further ones together. */
  readonly priority: number | undefined;
  /** Undefined if the client has no zone. */
  readonly zone: 'local' | 'remote' | undefined;
  /** Of all calls, from 0 to 1. */
  readonly share: number;
}

/** How many priorities of a client are told apart. A discovery may invent as many as it likes; whoever sets them has few. */
export const MOST_PRIORITIES = 10;

/** Which part of its calls a client sends where. Empty if it has no choice. */
export function callShares(
  priorities: readonly PriorityShare[],
  zone: string | undefined,
): CallShare[] {
  const levels = priorities
    .slice(0, MOST_PRIORITIES)
    .flatMap((level) => sharesOf(level.priority, [level], zone));
  const rest = priorities.slice(MOST_PRIORITIES);
  return rest.length > 0 ? [...levels, ...sharesOf(undefined, rest, zone)] : levels;
}

function sharesOf(
  priority: number | undefined,
  levels: readonly PriorityShare[],
  zone: string | undefined,
): CallShare[] {
  const sum = (part: (level: PriorityShare) => number) =>
    levels.reduce((all, level) => all + part(level), 0);
  if (zone === undefined) return [{ priority, zone, share: sum(({ share }) => share) }];
  return [
    { priority, zone: 'local', share: sum(({ share, localShare }) => share * localShare) },
    { priority, zone: 'remote', share: sum(({ share, localShare }) => share * (1 - localShare)) },
  ];
}
