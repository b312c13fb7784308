import type { Summary } from './statistics.js';

const DIGITS = 3;

/** Three significant digits, with thousands separators: 41,200, 3.07, 0.0512. */
export function rounded(value: number): string {
  const precise = Number(value.toPrecision(DIGITS));
  if (Math.abs(precise) >= 1000) return precise.toLocaleString('en-US');
  return precise.toPrecision(DIGITS);
}

/** A factor: 2.5×. */
export function times(ratio: number): string {
  return `${rounded(ratio)}×`;
}

export function spread({ low, high }: Summary, format: (value: number) => string): string {
  return low === high ? '' : `${format(low)}–${format(high)}`;
}
