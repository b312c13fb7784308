import { type SubjectName, SUBJECTS } from '../subjects/registry.js';
import { BROKERS } from './registry.js';
import { versionOf } from './version.js';

/** Why a subject cannot be measured here; `undefined` if it can. */
export function whyMissing(subject: SubjectName): string | undefined {
  const { label, broker } = SUBJECTS[subject];
  if (broker === undefined || versionOf(broker) !== undefined) return undefined;
  const { command, install } = BROKERS[broker];
  return `${label} is left out: there is no ${command} here. On Debian: ${install}`;
}
