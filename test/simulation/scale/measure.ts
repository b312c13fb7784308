import { Chance } from '../time/chance.js';
import { History } from '../world/history.js';
import { World } from '../world/world.js';
import { planOf, zoneOf } from './fleet.js';
import { Gauge } from './gauge.js';
import type { Variant } from './study.js';

/** Length of a slice of the figures, in ms. */
export const SLICE_MS = 100;

/** What came of a variant. Lists are by slice. */
export interface Figures {
  readonly calls: number;
  readonly failed: number;
  /** How often handlers ran for each call. */
  readonly runsPerCall: number;
  readonly violations: readonly string[];
  readonly connects: readonly number[];
  readonly messages: readonly number[];
  readonly bytes: readonly number[];
  readonly largestBurst: readonly number[];
  readonly asked: readonly number[];
  readonly answered: readonly number[];
  readonly runs: readonly number[];
  /** The share of the runs that servers of the zone had. */
  readonly zoneRuns: readonly number[];
  /** How long the calls that began then waited for their end: the 99th percentile, and the longest, in ms. */
  readonly p99: readonly number[];
  readonly longest: readonly number[];
  readonly cpuSeconds: number;
}

/** Lets a fleet live. The same seed makes the same figures, but for those of this machine's CPU. */
export async function measure(
  { fleet, concernsAll = false }: Variant,
  seed: number,
  progress: (now: number) => void,
): Promise<Figures> {
  const zone = zoneOf(fleet, concernsAll);
  const plan = planOf(fleet, zone);
  const gauge: Gauge = new Gauge(SLICE_MS, () => world.timeline);
  const world: World = new World(
    { ...plan, spoil: (sockets) => gauge.sockets(sockets) },
    new Chance(seed),
    { isTraced: false },
  );
  for (let at = 500; at < plan.lastsMs; at += 500) world.timeline.at(at, () => progress(at));
  const { stackTraceLimit } = Error;
  Error.stackTraceLimit = 0;
  await new History(world, plan).goWrong();
  Error.stackTraceLimit = stackTraceLimit;
  return figuresOf(world, gauge, new Set(zone));
}

function figuresOf(world: World, gauge: Gauge, zone: ReadonlySet<string>): Figures {
  const count = Math.ceil(world.timeline.now / SLICE_MS);
  const slices = () => Array.from({ length: count }, () => 0);
  const whole = (list: readonly number[]) => Array.from({ length: count }, (_, n) => list[n] ?? 0);
  const [asked, answered, runs, zoneRuns] = [slices(), slices(), slices(), slices()];
  const waits = Array.from({ length: count }, (): number[] => []);
  const add = (list: number[], at: number) => {
    const slice = Math.floor(at / SLICE_MS);
    if (slice < count) list[slice] = (list[slice] ?? 0) + 1;
  };
  let failed = 0;
  const ended = world.ledger.entries.filter(({ isOpen }) => !isOpen);
  for (const { startedAt, endedAt, end } of ended) {
    if (end === 'complete') add(answered, endedAt);
    else failed++;
    waits[Math.floor(startedAt / SLICE_MS)]?.push(endedAt - startedAt);
  }
  for (const { startedAt, executions } of world.ledger.entries) {
    add(asked, startedAt);
    for (const { startedAt: ranAt, server } of executions) {
      add(runs, ranAt);
      if (zone.has(server.host)) add(zoneRuns, ranAt);
    }
  }
  const sorted = waits.map((list) => list.toSorted((a, b) => a - b));
  const { user, system } = process.cpuUsage();
  return {
    calls: world.ledger.entries.length,
    failed,
    runsPerCall: sum(runs) / world.ledger.entries.length,
    violations: world.verdict.violations.map(({ rule, what }) => `${rule}: ${what}`),
    connects: whole(gauge.connects),
    messages: whole(gauge.messages),
    bytes: whole(gauge.bytes),
    largestBurst: whole(gauge.largestBurst),
    asked,
    answered,
    runs,
    zoneRuns,
    p99: sorted.map((list) => list[Math.floor(list.length * 0.99)] ?? 0),
    longest: sorted.map((list) => list.at(-1) ?? 0),
    cpuSeconds: (user + system) / 1e6,
  };
}

export function sum(list: readonly number[]): number {
  return list.reduce((total, value) => total + value, 0);
}
