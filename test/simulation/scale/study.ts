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
    lastsMs: 7000,
    faults: [{ kind: 'kill', at: 2000, for: 2000 }],
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
    pauseMs: 200,
    requestTimeoutMs: 1000,
    serviceMs: 5,
    workers: 2,
    lastsMs: 12_000,
    faults: [
      { kind: 'kill', at: 2000, for: 2000 },
      { kind: 'overload', times: 10, at: 4000, for: 4000 },
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

/** Handlers that do not heed their signal: a call that has begun takes its worker's time, whoever waits for it. */
const deafHandlers: readonly Edit[] = [
  {
    file: 'test/simulation/workload/handler-run.ts',
    find: '    this.#cancelTimer();\n    this.#leave();\n',
    replace: '    if (!this.hasBegun) this.#leave();\n',
  },
  {
    file: 'test/simulation/workload/handler-run.ts',
    find: '  #begin(): void {\n',
    replace: '  hasBegun = false;\n  #begin() {\n    this.hasBegun = true;\n',
  },
  {
    file: 'test/simulation/workload/handler-run.ts',
    find: '  #goOn(): void {\n',
    replace: '  #goOn() {\n    if (!this.#call.isWanted) return this.#leave();\n',
  },
];

/** All servers are slow for a while: what their callers ask again is more work for those who have too much. */
function storm(clients: number, servers: number): Study {
  const fleet: Fleet = {
    clients,
    servers,
    options: { connectTimeout: 1000 },
    pauseMs: 6,
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
      { name: 'as it is', fleet, concernsAll: true, edits: deafHandlers },
      {
        name: 'a ratio alone',
        concernsAll: true,
        edits: deafHandlers,
        fleet: withBudget({ minPerSecond: 0 }),
      },
      {
        name: 'without a budget',
        concernsAll: true,
        edits: deafHandlers,
        fleet: withBudget({ ratio: 1000, minPerSecond: Infinity }),
      },
    ],
  };
}

/** A zone of the largest fleet: some minutes of a whole core, and three gigabytes. Only if it is asked for. */
export const LARGE: Study = { ...zone(1000, 200, 20), name: 'large' };

/** @param isQuick whether facts matter, and figures do not */
export function studies(isQuick: boolean): readonly Study[] {
  return isQuick
    ? [zone(40, 16, 4), comeback(60, 8), storm(4, 2)]
    : [zone(250, 50, 5), comeback(400, 12), storm(10, 5), LARGE];
}
