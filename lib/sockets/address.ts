import { tcpAddressOf } from '../tcp-address.js';

/** The host of a `tcp://` or `tls://` address, an IPv6 address without its brackets. */
export function hostOf(address: string): string {
  return tcpAddressOf(address)?.host ?? '';
}

export function isInproc(address: string): boolean {
  return address.startsWith('inproc:');
}

/** libzmq accepts such addresses only with its option `ipv6`. */
export function isIpv6(address: string): boolean {
  return /^(?:tcp|tls):\/\/\[/u.test(address);
}

/** The longest path of a socket, in bytes, without the NUL at its end. Sources: `sun_path` in unix(7) of Linux, and in sys/un.h of macOS and the BSDs. */
export const LONGEST_PATH = ['linux', 'android', 'win32'].includes(process.platform) ? 107 : 103;
