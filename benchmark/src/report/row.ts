import type { Reading } from '../run/reading.js';
import type { Scenario } from '../scenarios/scenario.js';
import type { SubjectName } from '../subjects/registry.js';

/** The results of one round for one subject in one cell. */
export interface Row {
  readonly scenario: string;
  readonly cell: string;
  readonly subject: SubjectName;
  /** From 1. */
  readonly round: number;
  /** By the keys of the scenario's metrics. */
  readonly values: Readonly<Record<string, number>>;
}

/** @throws Error if nothing was measured */
export function valuesOf({ metrics }: Scenario, reading: Reading): Record<string, number> {
  const values: Record<string, number> = {};
  for (const metric of metrics) {
    const value = metric.of(reading);
    if (value !== undefined) values[metric.key] = value;
  }
  const [{ key }] = metrics;
  const first = values[key];
  if (first === undefined || !Number.isFinite(first) || first <= 0) {
    throw new Error(`nothing was measured: ${key} is ${first}`);
  }
  return values;
}
