import { median } from '../report/statistics.js';
import type { Way } from './ways.js';

export interface Pace {
  readonly rounds: number;
  /** How long each way runs in a round, in seconds, by its speed during the warm-up. */
  readonly seconds: number;
}

/** What one round has measured of one way. */
export interface Measured {
  readonly callsPerSecond: number;
  /** Of this process, which makes the calls. */
  readonly cpuMicrosPerCall: number;
}

/** The ways in their order. */
export type Round = readonly Measured[];

/** Of one way in a round: short, so that whatever else the machine does affects all ways alike. */
const SLICES = 16;

/**
 * Measures each way in turn, round after round, in one process. In a round each way has many short slices, first to last
 * and back, so that a drift affects all of them alike. Every slice has the same number of calls. The rate is that of the
 * median slice: one that the machine has interrupted says nothing of the way.
 */
export async function compare(
  ways: readonly [Way, ...Way[]],
  inFlight: number,
  { rounds, seconds }: Pace,
): Promise<Round[]> {
  const calls = Math.max(inFlight, Math.round((await rateOf(ways, inFlight)) * (seconds / SLICES)));
  const measured: Round[] = [];
  while (measured.length < rounds) {
    const slices = new Map(ways.map((way) => [way, [] as Slice[]]));
    for (let turn = 0; turn < SLICES; turn++) {
      for (const way of turn % 2 === 0 ? ways : ways.toReversed()) {
        slices.get(way)?.push(await slice(way, calls, inFlight));
      }
    }
    measured.push(ways.map((way) => summed(slices.get(way) ?? [], calls)));
  }
  return measured;
}

const WARM_UP_PASSES = 4;
const WARM_UP_CALLS = 4000;

/** Warms all ways up, so that V8 has compiled them, and returns the calls per second of the first. */
async function rateOf(ways: readonly [Way, ...Way[]], inFlight: number): Promise<number> {
  let rate = 0;
  for (let pass = 0; pass < WARM_UP_PASSES; pass++) {
    for (const way of ways) {
      const { seconds } = await slice(way, WARM_UP_CALLS, inFlight);
      if (way === ways[0]) rate = WARM_UP_CALLS / seconds;
    }
  }
  return rate;
}

interface Slice {
  readonly seconds: number;
  readonly cpuMicros: number;
}

async function slice(way: Way, calls: number, inFlight: number): Promise<Slice> {
  const cpu = process.cpuUsage();
  const started = performance.now();
  await way.run(calls, inFlight);
  const seconds = (performance.now() - started) / 1000;
  const { user, system } = process.cpuUsage(cpu);
  return { seconds, cpuMicros: user + system };
}

function summed(slices: readonly Slice[], calls: number): Measured {
  return {
    callsPerSecond: calls / median(slices.map(({ seconds }) => seconds)),
    cpuMicrosPerCall: median(slices.map(({ cpuMicros }) => cpuMicros)) / calls,
  };
}
