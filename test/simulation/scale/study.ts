import type { RetryBudgetOptions } from '../../../lib/nest/options/client-options.js';
import type { Edit } from '../mutants/mutants.js';
import type { Fleet } from './fleet.js';

/** A question, and the fleets that answer it side by side. */
export interface Study {
  readonly name: string;
  readonly variants: readonly Variant[];
}

export interface Variant {
  readonly name: string;
  readonly fleet: Fleet;
  /** Whether every server is concerned, not a quarter of them. */
  readonly concernsAll?: boolean;
  /** What the library would be without something that it has. */
  readonly edits?: readonly Edit[];
}

const withoutJitter: Edit = {
  file: 'lib/core/backoff.ts',
  find: 'return random() * Math.min(',
  replace: 'return random() * 0 + Math.min(',
};

const withoutSlowStart: Edit = {
  file: 'lib/core/slow-start.ts',
  find: 'SLOW_START_MS = 10_000',
  replace: 'SLOW_START_MS = 1',
};

/** A quarter of the servers is killed at once, and comes back: to all who watch it, or to some. */
function zone(clients: number, servers: number, size: number): Study {
  const fleet: Fleet = {
    clients,
    servers,
    pauseMs: 500,
    requestTimeoutMs: 1000,
    serviceMs: 5,
    lastsMs: 10_000,
    faults: [{ kind: 'kill', at: 3000, for: 3000 }],
  };
  const subset = (isNumbered: boolean) => ({ size, isNumbered });
  return {
    name: 'zone',
    variants: [
      { name: `all ${servers}`, fleet },
      { name: `${size}, drawn`, fleet: { ...fleet, subset: subset(false) } },
      { name: `${size}, numbered`, fleet: { ...fleet, subset: subset(true) } },
    ],
  };
}

/** A quarter of the servers dies, and comes back with cold caches: each call takes as many times as long. */
function comeback(clients: number, servers: number): Study {
  const fleet: Fleet = {
    clients,
    servers,
    pauseMs: 500,
    requestTimeoutMs: 1000,
    serviceMs: 5,
    workers: 2,
    lastsMs: 14_000,
    faults: [
      { kind: 'kill', at: 3000, for: 3000 },
      { kind: 'overload', times: 10, at: 6000, for: 4000 },
    ],
  };
  return {
    name: 'comeback',
    variants: [
      { name: 'as it is', fleet },
      { name: 'without jitter', fleet, edits: [withoutJitter] },
      { name: 'without slow start', fleet, edits: [withoutSlowStart] },
    ],
  };
}

/** All servers are slow for a while: what their callers ask again is more work for those who have too much. */
function storm(clients: number, servers: number): Study {
  const fleet: Fleet = {
    clients,
    servers,
    options: { connectTimeout: 1000 },
    pauseMs: 60,
    requestTimeoutMs: 200,
    serviceMs: 20,
    workers: 8,
    lastsMs: 20_000,
    faults: [{ kind: 'overload', times: 3, at: 5000, for: 5000 }],
  };
  const withBudget = (retryBudget: RetryBudgetOptions) => ({
    ...fleet,
    options: { ...fleet.options, retryBudget },
  });
  return {
    name: 'storm',
    variants: [
      { name: 'as it is', fleet, concernsAll: true },
      {
        name: 'a ratio alone',
        concernsAll: true,
        fleet: withBudget({ minPerSecond: 0 }),
      },
      {
        name: 'without a budget',
        concernsAll: true,
        fleet: withBudget({ ratio: 1000, minPerSecond: Infinity }),
      },
    ],
  };
}

/** @param isQuick whether facts matter, and figures do not */
export function studies(isQuick: boolean): readonly Study[] {
  return isQuick
    ? [zone(40, 16, 4), comeback(60, 8), storm(40, 2)]
    : [zone(1000, 200, 20), comeback(1000, 12), storm(200, 10)];
}
