import type { Watch } from '../../lib/dashboard/dashboard.js';
import type {
  ClientSnapshot,
  FleetEvent,
  FleetSnapshot,
  LinkSnapshot,
  PatternSnapshot,
  Rates,
  ServerSnapshot,
} from '../../lib/fleet/snapshot.js';

const RATES: Rates = {
  callsPerSecond: 100,
  errorsPerSecond: 0,
  p50Ms: 1.5,
  p90Ms: 3,
  p99Ms: 9,
};

export function patternOf(pattern: string, change: Partial<PatternSnapshot> = {}): PatternSnapshot {
  return { ...RATES, pattern, calls: 1000, errors: 0, pending: 1, ...change };
}

export function serverOf(id: string, change: Partial<ServerSnapshot> = {}): ServerSnapshot {
  return {
    ...RATES,
    endpoint: `tcp://127.0.0.1:${id}`,
    id,
    state: 'alive',
    reason: '',
    heartbeatMs: 0.4,
    noStats: undefined,
    staleMs: undefined,
    ratesOverMs: 1000,
    running: 2,
    queued: 0,
    clients: 1,
    refusedPerSecond: 0,
    name: undefined,
    service: undefined,
    zone: undefined,
    weight: 1,
    priority: 0,
    patterns: [patternOf('sum')],
    ...change,
  };
}

export function linkOf(endpoint: string, change: Partial<LinkSnapshot> = {}): LinkSnapshot {
  return { ...RATES, endpoint, state: 'alive', pending: 1, ...change };
}

export function clientOf(name: string, change: Partial<ClientSnapshot> = {}): ClientSnapshot {
  return {
    ...RATES,
    name,
    pending: 3,
    zone: undefined,
    priorities: [],
    discovery: undefined,
    links: [],
    patterns: [],
    ...change,
  };
}

export function eventOf(change: Partial<FleetEvent> = {}): FleetEvent {
  return {
    at: 1000,
    kind: 'down',
    endpoint: 'tcp://127.0.0.1:a',
    serverId: 'a',
    text: 'is down: the connection was closed',
    ...change,
  };
}

export function snapshotOf(at: number, change: Partial<FleetSnapshot> = {}): FleetSnapshot {
  return {
    at,
    totals: RATES,
    patterns: [patternOf('sum')],
    servers: [serverOf('a')],
    clients: [],
    events: [],
    ...change,
  };
}

/** A watch that tells what the test tells it to. */
export class FakeWatch implements Watch {
  #listener: ((snapshot: FleetSnapshot) => void) | undefined;
  starts = 0;

  get isWatching(): boolean {
    return this.#listener !== undefined;
  }

  start(listener: (snapshot: FleetSnapshot) => void): void {
    this.starts++;
    this.#listener = listener;
  }

  stop(): void {
    this.#listener = undefined;
  }

  tell(snapshot: FleetSnapshot): void {
    this.#listener?.(snapshot);
  }
}
