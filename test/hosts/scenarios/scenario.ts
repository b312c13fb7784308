import type { Finding } from '../../chaos/judge/finding.js';
import type { Fleet } from '../fleet/fleet.js';

/** One kind of fault or change, and what must hold meanwhile and afterwards. */
export interface Scenario {
  readonly name: string;
  /** Its name in the table. */
  readonly fault: string;
  /** Gets four running servers on a network without faults, and leaves it without faults. */
  run(fleet: Fleet, options: ScenarioOptions): Promise<Finding[]>;
}

export interface ScenarioOptions {
  /** A silence of a minute instead of 20 s. */
  readonly isLong: boolean;
}
