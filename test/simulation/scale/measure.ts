import { Chance } from '../time/chance.js';
import { History } from '../world/history.js';
import { World } from '../world/world.js';
import { planInRegion, planOf, zoneOf } from './fleet.js';
import { Gauge } from './gauge.js';
import { RegionStory } from './region.js';
import type { Variant } from './study.js';
import { type WindowFigures, windowFigures } from './windows.js';

/** Length of a slice of the figures, in ms. */
export const SLICE_MS = 100;

/** The results of a variant. Arrays are per slice. */
export interface Figures {
  readonly calls: number;
  readonly failed: number;
  /** How often handlers ran per call. */
  readonly runsPerCall: number;
  readonly violations: readonly string[];
  readonly connects: readonly number[];
  readonly messages: readonly number[];
  readonly bytes: readonly number[];
  readonly heartbeats: readonly number[];
  readonly largestBurst: readonly number[];
  readonly asked: readonly number[];
  readonly answered: readonly number[];
  readonly runs: readonly number[];
  /** The share of runs at servers of the zone. */
  readonly zoneRuns: readonly number[];
  /** How long the calls of that slice took: 99th percentile and maximum, in ms. */
  readonly p99: readonly number[];
  readonly longest: readonly number[];
  /** In zones, the share of the calls that leave their zone, from 0 to 1. */
  readonly away: readonly number[];
  /** Calls that fail, by when they were made. */
  readonly failures: readonly number[];
  readonly windows: Readonly<Record<string, WindowFigures>>;
  readonly cpuSeconds: number;
}

/** Runs a fleet. The same seed gives the same figures, except for CPU time. */
export async function measure(
  { fleet, concernsAll = false }: Variant,
  seed: number,
  progress: (now: number) => void,
): Promise<Figures> {
  const zone = zoneOf(fleet, concernsAll);
  const chance = new Chance(seed);
  const story = fleet.region && new RegionStory(fleet.region, fleet.servers);
  const plan = story ? planInRegion(fleet, story, new Chance(seed + 1)) : planOf(fleet, zone);
  const gauge: Gauge = new Gauge(SLICE_MS, () => world.timeline);
  const world: World = new World({ ...plan, spoil: (sockets) => gauge.sockets(sockets) }, chance, {
    isTraced: false,
  });
  for (let at = 500; at < plan.lastsMs; at += 500) world.timeline.at(at, () => progress(at));
  const { stackTraceLimit } = Error;
  Error.stackTraceLimit = 0;
  await new History(world, plan).goWrong();
  Error.stackTraceLimit = stackTraceLimit;
  const figures = figuresOf(world, gauge, new Set(zone));
  return story ? { ...figures, ...windowFigures(world, story, SLICE_MS) } : figures;
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
  const failures = slices();
  const ended = world.ledger.entries.filter(({ isOpen }) => !isOpen);
  for (const { startedAt, endedAt, end } of ended) {
    if (end === 'complete') add(answered, endedAt);
    else add(failures, startedAt);
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
    failed: sum(failures),
    runsPerCall: sum(runs) / world.ledger.entries.length,
    violations: world.verdict.violations.map(({ rule, what }) => `${rule}: ${what}`),
    connects: whole(gauge.connects),
    messages: whole(gauge.messages),
    bytes: whole(gauge.bytes),
    heartbeats: whole(gauge.heartbeats),
    largestBurst: whole(gauge.largestBurst),
    asked,
    answered,
    runs,
    zoneRuns,
    p99: sorted.map((list) => list[Math.floor(list.length * 0.99)] ?? 0),
    longest: sorted.map((list) => list.at(-1) ?? 0),
    away: [],
    failures,
    windows: {},
    cpuSeconds: (user + system) / 1e6,
  };
}

export function sum(list: readonly number[]): number {
  return list.reduce((total, value) => total + value, 0);
}
