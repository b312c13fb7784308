import { InvalidArgumentError } from 'commander';

/*
 * Parsers of the values of flags. What they throw, commander tells with the flag and the value in front.
 */

/** A whole number within bounds. */
export function wholeNumber(min: number, max = Number.MAX_SAFE_INTEGER): (text: string) => number {
  return (text) => {
    const value = Number(text);
    if (/^\d+$/u.test(text) && value >= min && value <= max) return value;
    const most = max === Number.MAX_SAFE_INTEGER ? '' : ` and at most ${max}`;
    throw new InvalidArgumentError(`It must be a whole number, at least ${min}${most}.`);
  };
}

/** A number above 0, such as a rate. */
export function positiveNumber(text: string): number {
  const value = Number(text);
  if (/^\d*\.?\d+$/u.test(text) && value > 0 && value <= Number.MAX_SAFE_INTEGER) return value;
  throw new InvalidArgumentError('It must be a number above 0.');
}

const UNIT_MS: Readonly<Record<string, number>> = { ms: 1, s: 1000, m: 60_000, h: 3_600_000 };

/**
 * A time in ms. It may carry a unit: `250ms`, `1.5s`, `2m`, `1h`.
 *
 * @param unit of a number without one
 * @param bounds in ms
 */
export function duration(
  unit: 'ms' | 's',
  bounds: { readonly min: number; readonly max?: number },
): (text: string) => number {
  const { min, max = Number.MAX_SAFE_INTEGER } = bounds;
  return (text) => {
    const [, number = '', given = unit] = /^(\d*\.?\d+)(ms|s|m|h)?$/u.exec(text) ?? [];
    const ms = number === '' ? Number.NaN : Number(number) * (UNIT_MS[given] ?? 1);
    if (ms >= min && ms <= max) return ms;
    const most = max === Number.MAX_SAFE_INTEGER ? '' : ` and at most ${shownMs(max)}`;
    throw new InvalidArgumentError(
      `It must be a time such as 250ms, 2s or 1m (without a unit: ${unit}), at least ${shownMs(min)}${most}.`,
    );
  };
}

function shownMs(ms: number): string {
  return ms >= 1000 ? `${ms / 1000} s` : `${ms} ms`;
}

/** Collects the values of a flag that may be given several times. */
export function several(value: string, before: readonly string[] = []): readonly string[] {
  return [...before, value];
}
