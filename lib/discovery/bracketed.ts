import { isIP } from 'node:net';

/** An IP address as an endpoint has it: IPv6 in brackets. */
export function bracketed(address: string): string {
  return isIP(address) === 6 ? `[${address}]` : address;
}

/** The other way. */
export function unbracketed(host: string): string {
  return host.replace(/^\[(.*)\]$/u, '$1');
}
