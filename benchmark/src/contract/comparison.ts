import { median } from '../report/statistics.js';
import type { Way } from './ways.js';

export interface Pace {
  readonly rounds: number;
  /** How long each way runs in a round, in seconds, by its speed during the warm-up. */
  readonly seconds: number;
}

/** What one round has measured of one way. */
export interface Measured {
  readonly callsPerSecond: Figure;
  /** Of this process, which makes the calls. */
  readonly cpuMicrosPerCall: Figure;
}

export interface Figure {
  readonly value: number;
  /** How many times that of the first way. */
  readonly ofFirst: number;
}

/** The ways in their order. */
export type Round = readonly Measured[];

/** Short, so that whatever else the machine does affects all ways alike. */
const SLICE_SECONDS = 0.01;

/** A median takes some. */
const FEWEST_SLICES = 4;

/** How often each of the calls in flight is made in a slice, at least: the last ones of a slice have fewer beside them. */
const FEWEST_PER_LOOP = 4;

/**
 * Measures each way in turn, round after round, in one process. In a round each way has many short slices, in changing
 * order, so that a drift affects all of them alike. Every slice has the same number of calls. Figures are those of the
 * median slice, and ratios are of slices of one turn: one that the machine has interrupted says nothing of the way.
 */
export async function compare(
  ways: readonly [Way, ...Way[]],
  inFlight: number,
  { rounds, seconds }: Pace,
): Promise<Round[]> {
  const rate = await rateOf(ways, inFlight);
  const calls = Math.max(FEWEST_PER_LOOP * inFlight, Math.round(rate * SLICE_SECONDS));
  const turns = Math.max(FEWEST_SLICES, Math.round(seconds / SLICE_SECONDS));
  const measured: Round[] = [];
  while (measured.length < rounds) {
    const slices = new Map(ways.map((way) => [way, [] as Slice[]]));
    for (let turn = 0; turn < turns; turn++) {
      for (const way of inOrderOf(turn, ways)) {
        slices.get(way)?.push(await slice(way, calls, inFlight));
      }
    }
    const first = slices.get(ways[0]) ?? [];
    measured.push(ways.map((way) => summarized(slices.get(way) ?? [], first)));
  }
  return measured;
}

/** Every order in turn: none runs always after the same one, whose garbage it would collect. */
function inOrderOf(turn: number, ways: readonly Way[]): readonly Way[] {
  const start = turn % ways.length;
  const rotated = [...ways.slice(start), ...ways.slice(0, start)];
  return Math.floor(turn / ways.length) % 2 === 0 ? rotated : rotated.toReversed();
}

const WARM_UP_PASSES = 4;
const WARM_UP_CALLS = 4000;

/** Warms all ways up, so that V8 has compiled them, and returns the calls per second of the first. */
async function rateOf(ways: readonly [Way, ...Way[]], inFlight: number): Promise<number> {
  let rate = 0;
  for (let pass = 0; pass < WARM_UP_PASSES; pass++) {
    for (const way of ways) {
      const { callsPerSecond } = await slice(way, WARM_UP_CALLS, inFlight);
      if (way === ways[0]) rate = callsPerSecond;
    }
  }
  return rate;
}

interface Slice {
  readonly callsPerSecond: number;
  readonly cpuMicrosPerCall: number;
}

async function slice(way: Way, calls: number, inFlight: number): Promise<Slice> {
  const cpu = process.cpuUsage();
  const started = performance.now();
  await way.run(calls, inFlight);
  const seconds = (performance.now() - started) / 1000;
  const { user, system } = process.cpuUsage(cpu);
  return { callsPerSecond: calls / seconds, cpuMicrosPerCall: (user + system) / calls };
}

function summarized(slices: readonly Slice[], first: readonly Slice[]): Measured {
  const figure = (name: keyof Slice): Figure => ({
    value: median(slices.map((each) => each[name])),
    ofFirst: median(slices.map((each, turn) => each[name] / (first[turn]?.[name] ?? NaN))),
  });
  return { callsPerSecond: figure('callsPerSecond'), cpuMicrosPerCall: figure('cpuMicrosPerCall') };
}
