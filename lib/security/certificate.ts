/** The fields of a name in X.509, by their short names: `CN`, `O`, `OU`. One that is there more than once is a list. */
export type CertificateName = Readonly<Record<string, string | readonly string[]>>;

/** What a certificate of X.509 says. It is frozen, and plain: JSON of it has all of it. */
export interface FreelanceCertificate {
  /**
   * The SHA-256 of the whole certificate, as Node writes it: 64 digits in upper case, with a colon after every two. It
   * stands for the certificate in `authorizedClients`, `server.authorize` and `server.revoke`.
   */
  readonly fingerprint256: string;
  /** Whose it is: `{ CN: 'billing', O: 'Example' }`. */
  readonly subject: CertificateName;
  /** Who has signed it. */
  readonly issuer: CertificateName;
  /** Further names of whose it is, each behind its kind: `DNS:billing.example`, `URI:spiffe://example/billing`. */
  readonly subjectAltNames: readonly string[];
  /** Its number among those of its issuer, in hexadecimal digits. */
  readonly serialNumber: string;
  /** Since when it is valid: ISO 8601, in UTC. */
  readonly validFrom: string;
  /** Until when. */
  readonly validTo: string;
}

/** A fingerprint as Node writes it; what is none is as it is. `openssl x509 -fingerprint -sha256` writes the same. */
export function canonicalFingerprint(text: string): string {
  const digits = text.replaceAll(':', '').toUpperCase();
  return isFingerprint(text) ? (digits.match(/../gu) ?? []).join(':') : text;
}

/** 64 hexadecimal digits, in upper or lower case, with colons or without. */
export function isFingerprint(text: unknown): text is string {
  return typeof text === 'string' && /^(?:[\da-f]{64}|[\da-f]{2}(?::[\da-f]{2}){31})$/iu.test(text);
}
