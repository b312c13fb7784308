import { isIP } from 'node:net';
import type { ServerTarget } from '../../core/server-target.js';
import { hostOf } from '../../sockets/address.js';
import { isHost } from './addresses.js';

/**
 * The name that a server's certificate must have although its address does not contain it: an IP address was found under a
 * name. Whoever answers for the name with other addresses cannot have a certificate of it.
 *
 * @returns undefined if the host of its address is that name
 */
export function certificateNameOf({ endpoint, name }: ServerTarget): string | undefined {
  if (name === undefined || !isHost(name) || !endpoint.startsWith('tls://')) return undefined;
  return isIP(hostOf(endpoint)) === 0 ? undefined : name;
}
