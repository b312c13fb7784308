import type { ClientCredentials } from '../../security/client-credentials.js';
import {
  closedInHandshake,
  COULD_NOT_CHECK,
  notAuthorized,
  otherSecurity,
  type WhyHandshakeFailed,
} from '../handshake-words.js';

/** What zeromq.js reports: a status of ZAP, or the name of an error of libzmq. */
interface HandshakeError extends Error {
  readonly status?: number;
  readonly code?: string;
}

/** ZAP: the client is not authorized. The other statuses mean that this could not be decided. */
const REFUSED = 400;

export function whyHandshakeFailed(
  { status, code, message }: HandshakeError,
  credentials: ClientCredentials | undefined,
): WhyHandshakeFailed {
  if (status === REFUSED) return notAuthorized(credentials);
  if (status !== undefined) return COULD_NOT_CHECK;
  if (code === 'ERR_ZMTP_MECHANISM_MISMATCH') return otherSecurity(credentials);
  if (code === 'EPIPE' || code === 'ECONNRESET') return closedInHandshake(credentials);
  return { reason: `the handshake failed: ${message}` };
}
