import type { FreelanceCertificate } from '../security/certificate.js';

/**
 * Why a certificate is not valid at this time; undefined if it is.
 *
 * @param now in ms since 1970
 */
export function untimely(
  { validFrom, validTo }: Pick<FreelanceCertificate, 'validFrom' | 'validTo'>,
  now: number,
): string | undefined {
  // A certificate whose times cannot be read is never valid.
  if (!(Date.parse(validTo) >= now)) return `expired at ${validTo}`;
  if (!(Date.parse(validFrom) <= now)) return `is not valid before ${validFrom}`;
  return undefined;
}

/** Parses `Nov 29 15:39:45 2026 GMT`. */
export function isoOf(time = ''): string {
  const ms = new Date(time).getTime();
  return Number.isNaN(ms) ? time : new Date(ms).toISOString();
}
