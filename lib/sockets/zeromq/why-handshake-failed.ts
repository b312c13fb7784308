import type { ClientCredentials } from '../../security/client-credentials.js';
import type { LossCause } from '../socket-port.js';

/** What zeromq.js tells of it: a status of ZAP, or the name of an error of libzmq. */
interface HandshakeError extends Error {
  readonly status?: number;
  readonly code?: string;
}

export interface WhyHandshakeFailed {
  readonly reason: string;
  readonly cause?: LossCause;
}

/** ZAP: this client is not authorized. The other statuses say that nobody could tell. */
const REFUSED = 400;

/**
 * Why a server and this client did not come together, and what to do.
 *
 * A server that was offered another mechanism than its own, or was called by another key, closes the
 * connection without a word; so does anything that is no ZeroMQ server, and a proxy whose server is down.
 * So of those it is not certain that the next try will fail, too.
 */
export function whyHandshakeFailed(
  { status, code, message }: HandshakeError,
  credentials: ClientCredentials | undefined,
): WhyHandshakeFailed {
  if (status === REFUSED) {
    const reason = `it does not authorize this client${credentials ? `, ${named(credentials)}` : ''}`;
    return { reason, cause: 'unauthorized' };
  }
  if (status !== undefined) {
    return { reason: 'it could not check whether this client is authorized; its log may say why' };
  }
  if (code === 'ERR_ZMTP_MECHANISM_MISMATCH') {
    const reason = `it has other security than this client, which has ${securityOf(credentials)}`;
    return { reason, cause: 'unauthorized' };
  }
  if (code === 'EPIPE' || code === 'ECONNRESET') {
    const reason = `it closed the connection in the handshake: ${likelyReason(credentials)}`;
    return { reason, cause: 'unexplained' };
  }
  return { reason: `the handshake failed: ${message}` };
}

function named({ mechanism, name }: ClientCredentials): string {
  switch (mechanism) {
    case 'curve':
      return `whose public key is ${name}`;
    case 'plain':
      return `the user ${JSON.stringify(name)}`;
    case 'tls':
      return name === ''
        ? 'which shows no certificate'
        : `whose certificate has the fingerprint ${name}`;
  }
}

function securityOf(credentials: ClientCredentials | undefined): string {
  return credentials ? credentials.mechanism.toUpperCase() : 'none';
}

function likelyReason(credentials: ClientCredentials | undefined): string {
  switch (credentials?.mechanism) {
    case undefined:
      return 'it may demand security, and this client has none';
    case 'plain':
      return 'it may demand other security than PLAIN, which this client has';
    case 'tls':
      return 'it may not have TLS';
    case 'curve':
      return 'its public key may be another than serverKey says, or it may not have CURVE';
  }
}
