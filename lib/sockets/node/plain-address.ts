import type { Socket } from 'node:net';

/**
 * The IP address of who is at the other end; empty over `ipc://`. On a socket of both families an IPv4 address is written
 * as one of IPv6: RFC 4291, 2.5.5.2.
 */
export function plainAddress({ remoteAddress = '' }: Socket): string {
  return remoteAddress.replace(/^::ffff:(?=\d+\.)/u, '');
}
