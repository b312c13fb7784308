import { isIP, type Socket } from 'node:net';
import { checkServerIdentity, connect, type PeerCertificate, type TLSSocket } from 'node:tls';
import { inContextOfItsOwn } from '../../async-context.js';
import { isError } from '../../is-error.js';
import type { TlsConnectionCredentials } from '../../security/client-credentials.js';
import type { ServerIdentityCheck } from '../../security/tls-credentials.js';
import type { DialFailure } from './dialler.js';
import { whyNotSecure } from './tls-words.js';

export interface TlsClientListener {
  /** The server has proved its identity, and the connection is encrypted. */
  onSecure(): void;
  /** The connection has ended. */
  onFailed(failure: DialFailure): void;
}

/**
 * TLS over a connection to one of a server's addresses. The server has to prove that it has the name of the endpoint, whatever
 * the address.
 *
 * @param socket connected
 * @param host of the endpoint, a name or an IP address
 */
export function secured(
  socket: Socket,
  host: string,
  credentials: TlsConnectionCredentials,
  listener: TlsClientListener,
): TLSSocket {
  const name = nameToCheck(credentials.serverName ?? host);
  const tls = connect({
    socket,
    secureContext: credentials.context,
    // Explicit, since the environment variable NODE_TLS_REJECT_UNAUTHORIZED could turn it off.
    rejectUnauthorized: true,
    host: name,
    // RFC 6066, section 3: no IP addresses.
    ...(isIP(name) === 0 && { servername: name }),
    checkServerIdentity: (_name: string, certificate: PeerCertificate) =>
      identityError(credentials.checkServerIdentity ?? checkServerIdentity, name, certificate),
  });
  let isOver = false;
  const failed = (error: unknown) => {
    if (isOver) return;
    isOver = true;
    listener.onFailed(whyNotSecure(error, name));
  };
  const closed = () => failed(CLOSED);
  tls.once('error', failed);
  tls.once('close', closed);
  tls.once('secureConnect', () => {
    tls.off('error', failed);
    tls.off('close', closed);
    if (isOver) return;
    isOver = true;
    listener.onSecure();
  });
  return tls;
}

const CLOSED = Object.assign(new Error('closed'), { code: 'ECONNRESET' });

/** Without the dot of the root, which no certificate has, and without the interface of a link-local address. */
function nameToCheck(host: string): string {
  return host.replace(/\.$/u, '').replace(/%.*$/u, '');
}

/** What the user's function returns or throws. */
function identityError(
  check: ServerIdentityCheck,
  name: string,
  certificate: PeerCertificate,
): Error | undefined {
  let error: unknown;
  inContextOfItsOwn(() => {
    try {
      error = check(name, certificate);
    } catch (thrown) {
      error = thrown ?? new Error('it threw');
    }
  });
  if (error === undefined || check === checkServerIdentity) return error as Error | undefined;
  return Object.assign(new Error(saidBy(error)), { isIdentity: true });
}

/** Describes any value. What is thrown or rejected here would end the process. */
function saidBy(answer: unknown): string {
  // An `async` function that throws.
  void Promise.resolve(answer).catch(() => {});
  try {
    const { message }: { message: unknown } = isError(answer)
      ? answer
      : { message: `it returned no error, but ${String(answer)}` };
    return String(message);
  } catch {
    return 'it returned what cannot be put into words';
  }
}
