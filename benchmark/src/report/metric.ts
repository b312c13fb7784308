import type { Reading } from '../run/reading.js';

/** A number reported per cell, computed from the readings of its processes. */
export interface Metric {
  /** Its name in the raw results. */
  readonly key: string;
  /** Its name in tables and charts. */
  readonly heading: string;
  /** `undefined` where a subject has no such thing. */
  readonly of: (reading: Reading) => number | undefined;
}
