import { networkInterfaces } from 'node:os';
import { tcpAddressOf } from '../tcp-address.js';

/** Bound there, a server listens at all addresses of its machine. */
const ALL_ADDRESSES: ReadonlySet<string> = new Set(['0.0.0.0', '::', '*']);

/**
 * Whether a client that calls one address reaches what is bound to the other on this machine: the same address, or one of this
 * machine's where all of them are bound.
 */
export function reachesOwn(called: string, bound: string): boolean {
  if (called === bound) return true;
  const from = tcpAddressOf(bound);
  const to = tcpAddressOf(called);
  if (!from || !to || from.scheme !== to.scheme || from.port !== to.port) return false;
  return ALL_ADDRESSES.has(from.host) && (ALL_ADDRESSES.has(to.host) || isOwnHost(to.host));
}

function isOwnHost(host: string): boolean {
  if (host === 'localhost' || host.startsWith('127.')) return true;
  return Object.values(networkInterfaces()).some((all) =>
    all?.some((each) => each.address === host),
  );
}
