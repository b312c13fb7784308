import type { Fleet } from '../fleet/fleet.js';
import type { Finding } from '../judge/finding.js';

/** One kind of fault, and what must hold during it and after it. */
export interface Scenario {
  readonly name: string;
  /** Its name in the table. */
  readonly fault: string;
  /** Leaves the fleet as it found it. */
  run(stage: Stage): Promise<Finding[]>;
}

export interface Stage {
  /** Three running servers with the defaults of the library. */
  readonly fleet: Fleet;
  /** Few and short rounds, in which only facts are judged. */
  readonly isShort: boolean;
  /** How long the soak lasts, in minutes. */
  readonly minutes: number;
  readonly random: () => number;
  /** Reports progress. */
  readonly progress: (what: string) => void;
}

/** A random one of several. */
export function oneOf<T>(things: readonly T[], random: () => number): T {
  const thing = things[Math.floor(random() * things.length)];
  if (thing === undefined) throw new Error('there is nothing to choose from');
  return thing;
}
