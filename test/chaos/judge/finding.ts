/** A finding, and whether it holds. */
export interface Finding {
  readonly what: string;
  readonly bar: string;
  readonly measured: string;
  readonly holds: boolean;
  /** A `fact` holds on any machine, a `measured` one only on a machine that is not busy. */
  readonly kind: 'fact' | 'measured';
}

/** The finding that nothing of a kind occurred; of what did, an example says more than the count. */
export function none(what: string, count: number, outOf?: number, example?: string): Finding {
  const counted = outOf === undefined ? number(count) : `${number(count)} of ${number(outOf)}`;
  const measured = example === undefined ? counted : `${counted}, such as: ${example}`;
  return { what, bar: '0', measured, holds: count === 0, kind: 'fact' };
}

export function fact(what: string, bar: string, measured: string, holds: boolean): Finding {
  return { what, bar, measured, holds, kind: 'fact' };
}

export function atMost(what: string, bar: number, value: number, unit: string): Finding {
  return judged(what, `≤ ${number(bar)} ${unit}`, value, unit, value <= bar);
}

export function atLeast(what: string, bar: number, value: number, unit: string): Finding {
  return judged(what, `≥ ${number(bar)} ${unit}`, value, unit, value >= bar);
}

function judged(what: string, bar: string, value: number, unit: string, holds: boolean): Finding {
  // The most or the least of nothing: nothing was measured.
  const isMeasured = Number.isFinite(value);
  return {
    what,
    bar,
    measured: `${number(value)} ${unit}`,
    holds: isMeasured && holds,
    kind: 'measured',
  };
}

export function number(value: number): string {
  const digits = Number.isInteger(value) || Math.abs(value) >= 100 ? 0 : 1;
  return value.toLocaleString('en-US', { maximumFractionDigits: digits });
}
