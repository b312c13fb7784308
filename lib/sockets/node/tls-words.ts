import { isError } from '../../is-error.js';
import { errorCode } from '../error-code.js';
import { reasonOf } from '../reason-of.js';
import type { DialFailure } from './dialler.js';

const UNTRUSTED = 'is not of an authority that is trusted here';
const NO_LIST =
  'may be revoked: of its authority there is no list in crl that is valid now, so that nobody can tell';

/** What is wrong with a certificate, to follow "its certificate". Source of the codes: OpenSSL, `X509_STORE_CTX_get_error`. */
const FLAWS: Partial<Record<string, string>> = {
  CERT_HAS_EXPIRED: 'has expired, or one between it and its authority has',
  CERT_NOT_YET_VALID: 'is not valid yet, or one between it and its authority is not',
  DEPTH_ZERO_SELF_SIGNED_CERT: 'is self-signed, and not trusted here',
  SELF_SIGNED_CERT_IN_CHAIN: UNTRUSTED,
  UNABLE_TO_GET_ISSUER_CERT: UNTRUSTED,
  UNABLE_TO_GET_ISSUER_CERT_LOCALLY: UNTRUSTED,
  UNABLE_TO_VERIFY_LEAF_SIGNATURE: UNTRUSTED,
  CERT_UNTRUSTED: UNTRUSTED,
  CERT_REVOKED: 'was revoked by its authority',
  CRL_HAS_EXPIRED: NO_LIST,
  CRL_NOT_YET_VALID: NO_LIST,
  UNABLE_TO_GET_CRL: NO_LIST,
  INVALID_PURPOSE: 'is not meant for this use, by what its authority has written into it',
};

/** @returns words to follow "its certificate" */
export function whyUntrusted(code: string): string {
  return FLAWS[code] ?? `is not accepted (${code})`;
}

/** What a client can do about it. */
const ADVICE: Partial<Record<string, string>> = {
  [UNTRUSTED]:
    'give that authority as security.ca, and the server the certificates between behind its own in cert',
  [NO_LIST]: 'renew the lists in security.crl',
  DEPTH_ZERO_SELF_SIGNED_CERT: 'give it as security.ca, if it is that of the server that is meant',
  CERT_HAS_EXPIRED: "renew it at the server, or set this machine's clock right",
  CERT_NOT_YET_VALID: "set this machine's clock right, or the server's certificate",
};

/** What a server tells a client by an alert of TLS. Servers of this library use ZMTP instead. */
const ALERTS: readonly (readonly [alert: RegExp, reason: string])[] = [
  [
    /ALERT_(?:CERTIFICATE_REQUIRED|NO_CERTIFICATE)$/u,
    'it demands a certificate: give security.cert and security.key',
  ],
  [/ALERT_UNKNOWN_CA$/u, "this client's certificate is not of an authority that it trusts"],
  [/ALERT_CERTIFICATE_EXPIRED$/u, "this client's certificate has expired"],
  [/ALERT_CERTIFICATE_REVOKED$/u, "this client's certificate was revoked"],
  [
    /ALERT_(?:BAD_CERTIFICATE|UNSUPPORTED_CERTIFICATE|CERTIFICATE_UNKNOWN)$/u,
    "it does not accept this client's certificate",
  ],
  [/ALERT_ACCESS_DENIED$/u, 'it does not authorize this client'],
  [
    /ALERT_PROTOCOL_VERSION$|UNSUPPORTED_PROTOCOL$|VERSION_TOO_LOW$/u,
    'it and this client have no version of TLS in common: see minVersion at both',
  ],
  [
    /ALERT_HANDSHAKE_FAILURE$|NO_SHARED_CIPHER$|ALERT_INSUFFICIENT_SECURITY$/u,
    'it and this client have no ciphers in common, or it demands a certificate of this client',
  ],
  [/ALERT_UNRECOGNIZED_NAME$/u, 'it has no certificate of that name: see security.servername'],
];

/** What OpenSSL reports of bytes that are not TLS. */
const NOT_TLS =
  /WRONG_VERSION_NUMBER|PACKET_LENGTH_TOO_LONG|HTTP_REQUEST|RECORD_LENGTH|UNEXPECTED_MESSAGE/u;

/**
 * Why TLS with a server failed or ended.
 *
 * @param name the name that its certificate must have
 */
export function whyNotSecure(error: unknown, name: string): DialFailure {
  const code = errorCode(error) ?? '';
  if (code === 'ERR_TLS_CERT_ALTNAME_INVALID') return refuses(wrongName(error, name));
  const flaw = FLAWS[code];
  if (flaw !== undefined) {
    const advice = ADVICE[code] ?? ADVICE[flaw];
    return refuses(`its certificate ${flaw}${advice === undefined ? '' : `: ${advice}`}`);
  }
  if (code.startsWith('ERR_SSL_')) return whySslFailed(code);
  if (code === 'ECONNRESET' || code === 'EPIPE') return CLOSED;
  return isError(error) && 'isIdentity' in error
    ? refuses(`it is not the server that is meant, by checkServerIdentity: ${reasonOf(error)}`)
    : refuses(`its certificate is not accepted: ${reasonOf(error)}${code && ` (${code})`}`);
}

/** @param code one of OpenSSL's, as Node has it: `ERR_SSL_` and its name */
export function whySslFailed(code: string): DialFailure {
  const [, said] = ALERTS.find(([alert]) => alert.test(code)) ?? [];
  if (said !== undefined) return refuses(said);
  return NOT_TLS.test(code)
    ? {
        reason: `what listens there does not speak TLS (${code}): an address without it begins with tcp://`,
      }
    : { reason: `the handshake of TLS failed (${code})` };
}

function wrongName(error: unknown, name: string): string {
  const { cert } = error as { cert?: { subject?: { CN?: unknown }; subjectaltname?: string } };
  const its = cert?.subjectaltname ?? `CN:${String(cert?.subject?.CN)}`;
  return `its certificate is for ${its}, and not for ${name}: call it by a name that it has, or give that as security.servername`;
}

const CLOSED: DialFailure = {
  reason:
    'it closed the connection in the handshake of TLS: it may not have TLS, or demand a certificate of this client',
  cause: 'unexplained',
};

function refuses(reason: string): DialFailure {
  return { reason, cause: 'unauthorized' };
}
