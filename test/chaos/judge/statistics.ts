/** The quantile: this share of the values, from 0 to 1, does not exceed it. NaN for none. */
export function quantile(values: readonly number[], share: number): number {
  const sorted = values.toSorted((a, b) => a - b);
  return sorted[Math.min(Math.floor(sorted.length * share), sorted.length - 1)] ?? NaN;
}

export const median = (values: readonly number[]): number => quantile(values, 0.5);

/** Of any number of values: `Math.max(...values)` overflows the stack. */
export function most(values: readonly number[]): number {
  return values.reduce((max, value) => Math.max(max, value), -Infinity);
}
