import type { Fleet } from '../fleet/fleet.js';
import type { Finding } from '../judge/finding.js';

/** One kind of fault, and what must hold while it happens and after it. */
export interface Scenario {
  readonly name: string;
  /** As the table calls it. */
  readonly fault: string;
  /** Leaves the fleet as it found it. */
  run(stage: Stage): Promise<Finding[]>;
}

export interface Stage {
  /** Three servers that run, with the defaults of the library. */
  readonly fleet: Fleet;
  /** Few rounds and short ones, in which only facts are judged. */
  readonly isShort: boolean;
  /** How long the soak is to last, in minutes. */
  readonly minutes: number;
  readonly random: () => number;
  /** Tells whoever watches how far it has come. */
  readonly progress: (what: string) => void;
}

/** One of several, by chance. */
export function oneOf<T>(things: readonly T[], random: () => number): T {
  const thing = things[Math.floor(random() * things.length)];
  if (thing === undefined) throw new Error('there is nothing to choose from');
  return thing;
}
