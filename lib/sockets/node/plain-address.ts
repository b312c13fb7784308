import type { Socket } from 'node:net';

/**
 * The IP address of the other side; empty over `ipc://`. A socket of both families has IPv4 addresses mapped to IPv6 (RFC 4291,
 * 2.5.5.2): these are written as IPv4.
 */
export function plainAddress({ remoteAddress = '' }: Socket): string {
  return remoteAddress.replace(/^::ffff:(?=\d+\.)/u, '');
}
