import type { FreelanceEngine } from 'nestjs-freelance';
import type { Pace } from '../run/pace.js';
import type { Machine } from './machine.js';
import type { Row } from './row.js';
import type { Versions } from './versions.js';

const DIGITS = 6;

/** All results of a run. */
export interface Results {
  /** Of the run's end, like 2025-01-31. */
  readonly date: string;
  readonly machine: Machine;
  readonly versions: Versions;
  /** The engine of subjects that do not name theirs. */
  readonly engine: FreelanceEngine | 'default';
  readonly pace: Pace;
  readonly rows: readonly Row[];
}

/** JSON with one line per row, so that two runs can be compared line by line. */
export function resultsJson({ rows, ...about }: Results): string {
  const head = JSON.stringify(about, undefined, 2).replace(/\n\}$/, '');
  const lines = rows.map((row) => `    ${JSON.stringify(row, withoutNoise)}`);
  return `${head},\n  "rows": [\n${lines.join(',\n')}\n  ]\n}\n`;
}

/** Drops digits beyond the precision of any measurement. */
function withoutNoise(_key: string, value: unknown): unknown {
  return typeof value === 'number' ? Number(value.toPrecision(DIGITS)) : value;
}
