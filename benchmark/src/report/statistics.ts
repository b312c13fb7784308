/** Summary of one number over the rounds. */
export interface Summary {
  readonly median: number;
  readonly low: number;
  readonly high: number;
}

/** @throws RangeError for an empty list */
export function median(values: readonly number[]): number {
  const sorted = values.toSorted((a, b) => a - b);
  const middle = (sorted.length - 1) / 2;
  const below = sorted[Math.floor(middle)];
  const above = sorted[Math.ceil(middle)];
  if (below === undefined || above === undefined)
    throw new RangeError('the median of an empty list');
  return (below + above) / 2;
}

/** Median, minimum and maximum: of five rounds, a narrower spread would hide one. */
export function summary(values: readonly number[]): Summary {
  return { median: median(values), low: Math.min(...values), high: Math.max(...values) };
}

/** A mean of ratios, and where it lies with 95 % confidence. */
export interface RatioInterval {
  readonly mean: number;
  readonly low: number;
  readonly high: number;
}

/**
 * The geometric mean of ratios, which treats a half and a double alike, and its 95 % interval by Student's t.
 *
 * @param ratios of at least 5 rounds
 * @throws RangeError for fewer
 */
export function ratioInterval(ratios: readonly number[]): RatioInterval {
  const count = ratios.length;
  if (count < 5) throw new RangeError('an interval takes at least 5 ratios');
  const logs = ratios.map(Math.log);
  const mean = logs.reduce((sum, log) => sum + log, 0) / count;
  const squares = logs.reduce((sum, log) => sum + (log - mean) ** 2, 0);
  const half = studentT975(count - 1) * Math.sqrt(squares / (count - 1) / count);
  return { mean: Math.exp(mean), low: Math.exp(mean - half), high: Math.exp(mean + half) };
}

/**
 * The 97.5 % quantile of Student's t, with an error below 0.01 from 4 degrees of freedom on. Source: Abramowitz and Stegun,
 * "Handbook of Mathematical Functions", 26.7.5.
 */
function studentT975(degrees: number): number {
  const z = 1.959964;
  return (
    z +
    (z ** 3 + z) / (4 * degrees) +
    (5 * z ** 5 + 16 * z ** 3 + 3 * z) / (96 * degrees ** 2) +
    (3 * z ** 7 + 19 * z ** 5 + 17 * z ** 3 - 15 * z) / (384 * degrees ** 3)
  );
}
