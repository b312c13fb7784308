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
