import { jsonLine } from '../json-line.js';
import type { Diagnosis } from './doctor.js';

/** One line of JSON: `{"endpoint":…,"isFine":…,"failedAt":…,"steps":[…]}`. */
export function diagnosisJson({ endpoint, isFine, steps }: Diagnosis): string {
  const failedAt = steps.find(({ outcome }) => outcome === 'failed')?.step;
  return jsonLine({ endpoint, isFine, failedAt: failedAt ?? null, steps });
}
