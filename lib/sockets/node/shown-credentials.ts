import type { Credentials } from '../../security/credentials.js';
import { publicKeyOf } from '../../security/curve-keys.js';
import { exactText } from '../../security/exact-text.js';
import type { ShownCredentials } from '../../zmtp/mechanism.js';
import type { TlsGuest } from './tls-door.js';

/**
 * The credentials that a client has shown; undefined if they are not valid UTF-8.
 *
 * @param guest what it has shown in the handshake of TLS, before that of ZMTP
 */
export function credentialsOf(shown: ShownCredentials, guest?: TlsGuest): Credentials | undefined {
  if (shown.mechanism === 'NULL') {
    return guest?.is === 'certified'
      ? { mechanism: 'tls', certificate: guest.certificate }
      : undefined;
  }
  if (shown.mechanism === 'CURVE') {
    return { mechanism: 'curve', publicKey: publicKeyOf(shown.publicKey) };
  }
  const [username, password] = [exactText(shown.username), exactText(shown.password)];
  if (username === undefined || password === undefined) return undefined;
  return { mechanism: 'plain', username, password };
}
