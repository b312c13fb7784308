import type {
  FleetSnapshot,
  PatternSnapshot,
  Rates,
  ServerSnapshot,
} from '../../lib/fleet/snapshot.js';

const IDLE: Rates = {
  callsPerSecond: 0,
  errorsPerSecond: 0,
  p50Ms: undefined,
  p90Ms: undefined,
  p99Ms: undefined,
};

/** A server of which all is well, but for what the test says. */
export function serverSnapshot(differs: Partial<ServerSnapshot> = {}): ServerSnapshot {
  return {
    ...IDLE,
    endpoint: 'tcp://10.0.0.1:5555',
    id: 'server-1',
    state: 'alive',
    reason: '',
    heartbeatMs: 0.4,
    noStats: undefined,
    staleMs: undefined,
    ratesOverMs: 1000,
    running: 0,
    queued: 0,
    clients: 1,
    refusedPerSecond: 0,
    name: undefined,
    service: undefined,
    zone: undefined,
    weight: 1,
    priority: 0,
    patterns: [],
    ...differs,
  };
}

export function patternSnapshot(differs: Partial<PatternSnapshot> = {}): PatternSnapshot {
  return { ...IDLE, pattern: 'sum', calls: 0, errors: 0, pending: 0, ...differs };
}

export function fleetSnapshot(differs: Partial<FleetSnapshot> = {}): FleetSnapshot {
  return {
    at: Date.UTC(2026, 10, 30, 12, 0, 0),
    totals: IDLE,
    patterns: [],
    servers: [],
    clients: [],
    events: [],
    ...differs,
  };
}
