import type { Reading } from '../run/reading.js';

/** A number that is told of a cell, made of what was read of its processes. */
export interface Metric {
  /** As the raw results name it. */
  readonly key: string;
  /** As tables and charts name it. */
  readonly heading: string;
  /** `undefined` where a subject has no such thing. */
  readonly of: (reading: Reading) => number | undefined;
}
