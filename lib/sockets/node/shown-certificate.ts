import type { PeerCertificate } from 'node:tls';
import type { CertificateName, FreelanceCertificate } from '../../security/certificate.js';

/** What a peer has shown, as users get it. @returns undefined if it has shown none */
export function certificateOf(shown: Partial<PeerCertificate>): FreelanceCertificate | undefined {
  const { fingerprint256 } = shown;
  if (fingerprint256 === undefined) return undefined;
  return Object.freeze({
    fingerprint256,
    subject: nameOf(shown.subject),
    issuer: nameOf(shown.issuer),
    subjectAltNames: Object.freeze(altNamesOf(shown.subjectaltname ?? '')),
    serialNumber: shown.serialNumber ?? '',
    validFrom: isoOf(shown.valid_from),
    validTo: isoOf(shown.valid_to),
  });
}

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

function nameOf(fields: object = {}): CertificateName {
  const entries = Object.entries(fields).map(([field, value]: [string, unknown]) => [
    field,
    Array.isArray(value) ? Object.freeze(value.map(String)) : String(value),
  ]);
  return Object.freeze(Object.fromEntries(entries));
}

/**
 * Names are separated by commas, and one that has some itself, or quotes, is written as a string of JSON: so nobody can
 * make two names of one. Source: Node's documentation, `x509.subjectAltName`.
 */
function altNamesOf(text: string): string[] {
  return (text.match(/[^,"\s][^,"]*(?:"(?:[^"\\]|\\.)*")?/gu) ?? []).map((name) => {
    const [, kind = '', quoted] = /^([^"]*)(".*")$/su.exec(name) ?? [];
    return quoted === undefined ? name : kind + String(JSON.parse(quoted));
  });
}

/** From `Nov 29 15:39:45 2026 GMT`. */
export function isoOf(time = ''): string {
  const ms = new Date(time).getTime();
  return Number.isNaN(ms) ? time : new Date(ms).toISOString();
}
