import type { PeerCertificate } from 'node:tls';
import type { CertificateName, FreelanceCertificate } from '../../security/certificate.js';
import { isoOf } from '../validity.js';

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
