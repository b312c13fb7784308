import type { Cell, Scenario } from '../scenarios/scenario.js';

export interface Pace {
  readonly rounds: number;
  /** How long each cell is measured. */
  readonly seconds: number;
}

export interface Times {
  readonly warmUp: number;
  readonly measured: number;
}

/** Duration before a cell is measured, as a share of the usual time. */
const WARM_UP = 1 / 4;

/** The same for the first cell of new processes, whose code is not compiled yet. */
const FIRST_WARM_UP = 1;

export function timesOf(
  { secondsOf = (usual) => usual }: Scenario,
  { warmUp = WARM_UP }: Cell,
  { seconds }: Pace,
  isFirst: boolean,
): Times {
  return {
    warmUp: seconds * Math.max(warmUp, isFirst ? FIRST_WARM_UP : 0),
    measured: secondsOf(seconds),
  };
}
