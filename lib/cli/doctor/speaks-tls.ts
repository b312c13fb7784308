import type { Socket } from 'node:net';
import { connect } from 'node:tls';
import { errorCode } from '../../sockets/error-code.js';
import { hangUp } from './dial.js';
import { within } from './within.js';

/** A server of TLS answers at once. In ms. */
const PATIENCE_MS = 1000;

/**
 * Whether a server that has nothing to say to ZMTP answers the first words of TLS: with a handshake, or with an alert.
 *
 * @param socket connected; it is closed afterwards
 */
export async function speaksTls(socket: Socket, timeoutMs: number): Promise<boolean> {
  // Only to see whether there is TLS at all: nothing follows.
  const tls = connect({ socket, rejectUnauthorized: false });
  const answer = await within<boolean>(Math.min(PATIENCE_MS, timeoutMs), (settle) => {
    tls.once('secureConnect', () => settle(true));
    tls.once('error', (error) => settle(/^ERR_SSL_.*_ALERT_/u.test(errorCode(error) ?? '')));
    tls.once('close', () => settle(false));
    return () => {};
  });
  hangUp(tls);
  return answer ?? false;
}
