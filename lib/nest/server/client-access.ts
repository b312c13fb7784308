import { isFingerprint } from '../../security/certificate.js';
import { isCurveKey } from '../../security/curve-keys.js';
import type { Doorkeeper } from '../../security/doorkeeper.js';
import { badOptions } from '../options/bad-options.js';

/** What identifies a client, for each mechanism. */
const CLIENT_NAMES = {
  curve: [isCurveKey, 'a public key of 40 characters'],
  plain: [(name: unknown) => typeof name === 'string', 'a username'],
  tls: [isFingerprint, 'the SHA-256 fingerprint of a certificate, 64 hexadecimal digits'],
} as const;

/**
 * The doorkeeper that lets that client in, or out.
 *
 * @param method of the server, for errors
 * @throws FreelanceError `BAD_OPTIONS` if the server has no `security`, asks its clients for no certificate, or the
 *   client's name does not fit its mechanism
 */
export function doorkeeperFor(
  doorkeeper: Doorkeeper | undefined,
  method: 'authorize' | 'revoke',
  client: unknown,
): Doorkeeper {
  if (!doorkeeper) throw badOptions(`${method}: this server has no option security`);
  const own = doorkeeper.own();
  if (own.mechanism === 'tls' && own.demands === 'nothing') {
    throw badOptions(`${method}: this server asks its clients for no certificate`);
  }
  const [isName, what] = CLIENT_NAMES[own.mechanism];
  if (isName(client)) return doorkeeper;
  throw badOptions(`${method} takes ${what}`);
}
