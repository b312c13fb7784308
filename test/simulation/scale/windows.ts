import type { World } from '../world/world.js';
import type { RegionStory, Span } from './region.js';

/** What happens during a span of time, of the calls that are made in it. */
export interface WindowFigures {
  readonly calls: number;
  readonly failed: number;
  /** The calls per second of the server that runs most of them, relative to the mean. */
  readonly mostLoaded: number;
  /** The share of the runs that are in another zone than the caller's, from 0 to 1. */
  readonly away: number;
  /** How long calls take, in ms: 99th percentile and maximum. */
  readonly p99: number;
  readonly longest: number;
}

/** Servers that were in service for less are not compared: chance alone decides how many calls they run, in ms. */
const LEAST_SERVICE_MS = 4000;

/** The figures of a region: for each slice of time, and for its windows. */
export function windowFigures(
  { ledger, timeline }: World,
  story: RegionStory,
  sliceMs: number,
): { windows: Record<string, WindowFigures>; away: number[] } {
  const count = Math.ceil(timeline.now / sliceMs);
  const runs = Array.from({ length: count }, () => ({ all: 0, away: 0 }));
  for (const { client, executions } of ledger.entries) {
    for (const { server, startedAt } of executions) {
      const slice = runs[Math.floor(startedAt / sliceMs)];
      if (!slice) continue;
      slice.all++;
      if (isAway(story, client.host, server.host)) slice.away++;
    }
  }
  return {
    windows: Object.fromEntries(
      Object.entries(story.windows).map(([name, span]) => [name, figuresOf(ledger, story, span)]),
    ),
    away: runs.map(({ all, away }) => (all > 0 ? away / all : 0)),
  };
}

function figuresOf({ entries }: World['ledger'], story: RegionStory, span: Span): WindowFigures {
  const isIn = (at: number) => at >= span.from && at < span.to;
  const runsOf = new Map<string, number>();
  let [all, away] = [0, 0];
  for (const { client, executions } of entries) {
    for (const { server, startedAt } of executions) {
      if (!isIn(startedAt)) continue;
      runsOf.set(server.host, (runsOf.get(server.host) ?? 0) + 1);
      all++;
      if (isAway(story, client.host, server.host)) away++;
    }
  }
  const inService = story.servers
    .map((server) => ({ runs: runsOf.get(server) ?? 0, ms: story.servedMs(server, span) }))
    .filter(({ ms }) => ms >= LEAST_SERVICE_MS);
  const total = (of: (server: { runs: number; ms: number }) => number) =>
    inService.reduce((sum, server) => sum + of(server), 0);
  const mean = total(({ runs }) => runs) / total(({ ms }) => ms);
  const made = entries.filter(({ startedAt, isOpen }) => isIn(startedAt) && !isOpen);
  const waits = made.map(({ startedAt, endedAt }) => endedAt - startedAt).toSorted((a, b) => a - b);
  return {
    calls: made.length,
    failed: made.filter(({ end }) => end !== 'complete').length,
    mostLoaded: Math.max(...inService.map(({ runs, ms }) => runs / ms)) / mean,
    away: away / all,
    p99: waits[Math.floor(waits.length * 0.99)] ?? 0,
    longest: waits.at(-1) ?? 0,
  };
}

function isAway(story: RegionStory, client: string, server: string): boolean {
  return story.zoneOfClient(client) !== story.zoneOfServer(server);
}
