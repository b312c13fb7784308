import type { RetryBudgetOptions } from '../../../lib/nest/options/client-options.js';
import type { Edit } from '../mutants/mutants.js';
import type { Fleet } from './fleet.js';
import type { Region, Span } from './region.js';

/** A question, and the fleets that are compared to answer it. */
export interface Study {
  readonly name: string;
  readonly variants: readonly Variant[];
}

export interface Variant {
  readonly name: string;
  readonly fleet: Fleet;
  /** Whether every server is affected, rather than a quarter of them. */
  readonly concernsAll?: boolean;
  /** A variant of the library without one of its features. */
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

/** A quarter of the servers is killed at once and returns, with all clients watching every server, or only some. */
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

/** A quarter of the servers dies and returns with cold caches: each call takes several times as long. */
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

/** Handlers ignore their signal: a started call occupies its worker, whether anyone waits for it or not. */
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

/** All servers are slow for a while: what callers retry is more work for overloaded servers. */
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

/** What a client watches in a region. */
interface Watch extends Pick<Region, 'isZoneAware' | 'isApart'>, Pick<Variant, 'edits'> {
  readonly name: string;
  readonly size?: number;
}

/** As many clients as servers in each zone, or half of the clients in one zone. */
const EVEN = [0, 1, 2, 3];
const UNEVEN = [0, 1, 0, 2, 0, 3];

/** A server has four places, and half of them are taken. */
function inRegion(clients: number, servers: number, lastsMs: number): Fleet {
  return {
    clients,
    servers,
    pauseMs: 100,
    requestTimeoutMs: 2000,
    // A fifth of the handlers answer at once: of the four places, 0.8 · 10 · clients / servers · ms / 1000 are taken, which is two.
    serviceMs: (250 * servers) / clients,
    admission: { maxConcurrency: 4 },
    lastsMs,
    faults: [],
  };
}

function watching(fleet: Fleet, region: Omit<Region, 'isZoneAware'>, watches: readonly Watch[]) {
  return watches.map(({ name, size, isZoneAware, isApart = false, edits = [] }): Variant => ({
    name,
    edits,
    fleet: {
      ...fleet,
      ...(size !== undefined && { subset: { size, isNumbered: false } }),
      region: { ...region, isZoneAware, isApart },
    },
  }));
}

/** When what happens in a region, in ms. A deployment is longer than a discovery lags. */
export interface Moments {
  /** From when on the calls before it are compared. */
  readonly settled: number;
  readonly deployment: Span;
  readonly loss: Span;
  readonly end: number;
}

export const MOMENTS: Moments = {
  settled: 4000,
  deployment: { from: 12_000, to: 48_000 },
  loss: { from: 64_000, to: 72_000 },
  end: 82_000,
};

/** Sooner, as a second of so large a region takes several: its zone is lost while clients still name servers that were replaced. */
export const LARGE_MOMENTS: Moments = {
  settled: 2000,
  deployment: { from: 7000, to: 37_000 },
  loss: { from: 44_000, to: 48_000 },
  end: 53_000,
};

/** All servers are replaced, a zone is lost, and returns; clients learn of it up to 30 s late. */
function inZones(
  clients: number,
  servers: number,
  watches: readonly Watch[],
  { settled, deployment, loss, end }: Moments = MOMENTS,
): Study {
  const life = {
    clientZones: EVEN,
    discoveryMs: 30_000,
    deployment,
    loss,
    windows: {
      before: { from: settled, to: deployment.from },
      deployment: { from: deployment.from, to: loss.from },
      lost: loss,
      back: { from: loss.to, to: end },
    },
  };
  return { name: 'region', variants: watching(inRegion(clients, servers, end), life, watches) };
}

/** Half of the clients are in one of four zones of equal size. */
function uneven(clients: number, servers: number, watches: readonly Watch[]): Study {
  const steady = {
    clientZones: UNEVEN,
    discoveryMs: 30_000,
    windows: { 'at first': { from: 4000, to: 14_000 }, later: { from: 24_000, to: 44_000 } },
  };
  return {
    name: 'uneven',
    variants: watching(inRegion(clients, servers, 44_000), steady, watches),
  };
}

/** Subsets are drawn from all zones alike. */
const fromAllZones: Edit = {
  file: 'lib/agents/client/server-set.ts',
  find: 'zone !== undefined && target.zone === zone',
  replace: 'false',
};

const subsetsOf = (size: number): readonly Watch[] => [
  { name: `${size}`, size, isZoneAware: false },
  { name: `${size}, zones, drawn from all`, size, isZoneAware: true, edits: [fromAllZones] },
  { name: `${size}, zones`, size, isZoneAware: true },
];

const ownZoneOnly: Watch = { name: 'own zone only', isZoneAware: false, isApart: true };

const watchesOf = (servers: number, size: number): readonly Watch[] => [
  { name: `all ${servers}`, isZoneAware: false },
  { name: `all ${servers}, zones`, isZoneAware: true },
  ...subsetsOf(size),
  ownZoneOnly,
];

/** Not all servers: that takes half a minute for each second, and a connection of each client to each server. */
const largeWatches: readonly Watch[] = [{ name: '20, zones', size: 20, isZoneAware: true }];

/** Each takes minutes of a whole core and gigabytes, so it runs only on request. */
export const LARGE: readonly Study[] = [
  { ...zone(1000, 200, 20), name: 'large' },
  { ...inZones(1000, 200, largeWatches, LARGE_MOMENTS), name: 'region-large' },
];

/** @param isQuick whether only facts matter, not figures */
export function studies(isQuick: boolean): readonly Study[] {
  return isQuick
    ? [
        zone(40, 16, 4),
        inZones(24, 12, watchesOf(12, 4)),
        uneven(24, 12, watchesOf(12, 4)),
        comeback(60, 8),
        storm(4, 2),
      ]
    : [
        zone(250, 50, 5),
        inZones(100, 40, watchesOf(40, 8)),
        uneven(100, 40, watchesOf(40, 8)),
        comeback(400, 12),
        storm(10, 5),
        ...LARGE,
      ];
}
