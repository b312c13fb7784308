import type { Scenario } from '../scenarios/scenario.js';

export interface Pace {
  readonly rounds: number;
  /** How long each cell is measured. */
  readonly seconds: number;
}

export interface Times {
  readonly warmUp: number;
  readonly measured: number;
}

/** Before a cell is measured, as a share of the usual time. */
const WARM_UP = 1 / 4;

/** The first cell of new processes: all that they run has still to be compiled. */
const FIRST_WARM_UP = 1;

export function timesOf(
  { secondsOf = (usual) => usual }: Scenario,
  { seconds }: Pace,
  isFirst: boolean,
): Times {
  const warmUp = seconds * (isFirst ? FIRST_WARM_UP : WARM_UP);
  return { warmUp, measured: secondsOf(seconds) };
}
