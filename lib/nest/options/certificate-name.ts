import { isIP } from 'node:net';
import type { ServerTarget } from '../../core/server-target.js';
import { tcpAddressOf } from '../../tcp-address.js';
import { isHost } from './addresses.js';

/**
 * The name that a server's certificate must have although its address does not contain it: an IP address was found under a
 * name. Whoever answers for the name with other addresses cannot have a certificate of it.
 *
 * @returns undefined if the host of its address is that name
 */
export function certificateNameOf({ endpoint, name }: ServerTarget): string | undefined {
  if (name === undefined || !isHost(name)) return undefined;
  const address = tcpAddressOf(endpoint);
  return address?.scheme === 'tls' && isIP(address.host) !== 0 ? name : undefined;
}
