import type { PeerCertificate } from 'node:tls';
import type { CertificateName, FreelanceCertificate } from '../../security/certificate.js';
import { isoOf } from '../validity.js';

/** The certificate of a peer, as users get it. @returns undefined if the peer has shown none */
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
 * Splits a list of names at its commas. A name that contains commas or quotes is a JSON string, so that nobody can make one name
 * look like two. Source: Node's documentation, `x509.subjectAltName`.
 */
function altNamesOf(text: string): string[] {
  return (text.match(/[^,"\s][^,"]*(?:"(?:[^"\\]|\\.)*")?/gu) ?? []).map((name) => {
    const [, kind = '', quoted] = /^([^"]*)(".*")$/su.exec(name) ?? [];
    return quoted === undefined ? name : kind + String(JSON.parse(quoted));
  });
}
