import { describeThrown } from './describe-thrown.js';
import { isSameTarget, type ServerTarget } from './server-target.js';

/** Reads one entry of a set: as it is used, or what is wrong with it, for people. */
export type ReadEntry = (given: unknown) => ServerTarget | { readonly wrong: string };

export interface DiscoveredSet {
  /** Each endpoint once. */
  readonly targets: readonly ServerTarget[];
  /** What was left out, and why, for people. */
  readonly faults: readonly string[];
}

/** No client has that many servers: whoever names more has made a mistake. */
export const MOST_SERVERS = 10_000;

/**
 * What a discovery has named. The first one of several with the same endpoint counts. The set is the user's: reading it, or one of
 * its entries, may throw.
 */
export function readSet(given: unknown, read: ReadEntry): DiscoveredSet {
  try {
    if (Array.isArray(given)) return readEntries(given, read);
    return { targets: [], faults: ['it has named something that is no list'] };
  } catch (error) {
    return {
      targets: [],
      faults: [`it has named a list that cannot be read: ${describeThrown(error)}`],
    };
  }
}

function readEntries(entries: readonly unknown[], read: ReadEntry): DiscoveredSet {
  const targets = new Map<string, ServerTarget>();
  const faults: string[] = [];
  for (const entry of entries.slice(0, MOST_SERVERS)) {
    const target = readOne(entry, read);
    if ('wrong' in target) {
      faults.push(target.wrong);
      continue;
    }
    const first = targets.get(target.endpoint);
    if (!first) targets.set(target.endpoint, target);
    else if (!isSameTarget(first, target)) faults.push(describeTwin(first, target));
  }
  if (entries.length > MOST_SERVERS) {
    faults.push(
      `it has named ${entries.length} servers, of which the first ${MOST_SERVERS} are used`,
    );
  }
  return { targets: [...targets.values()], faults };
}

function readOne(entry: unknown, read: ReadEntry): ReturnType<ReadEntry> {
  try {
    return read(entry);
  } catch (error) {
    return { wrong: `an entry cannot be read: ${describeThrown(error)}` };
  }
}

/** Whether both sets have the same targets, in any order. */
export function isSameSet(one: readonly ServerTarget[], other: readonly ServerTarget[]): boolean {
  if (one.length !== other.length) return false;
  const byEndpoint = new Map(one.map((target) => [target.endpoint, target]));
  return other.every((target) => {
    const twin = byEndpoint.get(target.endpoint);
    return twin !== undefined && isSameTarget(twin, target);
  });
}

function describeTwin(first: ServerTarget, other: ServerTarget): string {
  const names = [first.name, other.name].filter((name) => name !== undefined);
  const how =
    new Set(names).size > 1 ? `behind two names, ${names.join(' and ')}` : 'twice, differently';
  return `${first.endpoint} is named ${how}: it is one server, as it was named first`;
}
