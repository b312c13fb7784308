import type { FreelanceCertificate } from '../security/certificate.js';

/**
 * Whether its time is now, in words if not.
 *
 * @param now in ms since 1970
 */
export function untimely(
  { validFrom, validTo }: Pick<FreelanceCertificate, 'validFrom' | 'validTo'>,
  now: number,
): string | undefined {
  // A time that cannot be read is none in which it is valid.
  if (!(Date.parse(validTo) >= now)) return `expired at ${validTo}`;
  if (!(Date.parse(validFrom) <= now)) return `is not valid before ${validFrom}`;
  return undefined;
}

/** From `Nov 29 15:39:45 2026 GMT`. */
export function isoOf(time = ''): string {
  const ms = new Date(time).getTime();
  return Number.isNaN(ms) ? time : new Date(ms).toISOString();
}
