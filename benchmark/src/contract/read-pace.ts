import { parseArgs } from 'node:util';
import { numberOf } from '../options.js';
import type { Pace } from './comparison.js';

/** The intervals of the results take this many rounds. */
const FEWEST_ROUNDS = 5;

export const CONTRACT_PACE: Pace = { rounds: 20, seconds: 0.5 };

/** @throws Error that names the wrong argument */
export function readPace(args: readonly string[]): Pace {
  const { values } = parseArgs({
    args: [...args],
    options: { rounds: { type: 'string' }, seconds: { type: 'string' } },
  });
  const { rounds, seconds } = CONTRACT_PACE;
  return {
    rounds: numberOf('--rounds', values.rounds, rounds, {
      least: FEWEST_ROUNDS,
      most: 1000,
      isWhole: true,
    }),
    seconds: numberOf('--seconds', values.seconds, seconds, { least: 0.01, most: 60 }),
  };
}
