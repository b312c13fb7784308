import { isIP, isIPv6 } from 'node:net';
import { domainToASCII } from 'node:url';
import { LONGEST_PATH } from '../../sockets/address.js';
import { shown } from './shown.js';

/** An address that a user gave: as it is used, or why it can never work. */
export type ReadAddress = { readonly address: string } | { readonly wrong: string };

/** Reads an address to connect to: it has a host and a port, without `*`. */
export function readEndpoint(given: string): ReadAddress {
  return readAddress(given, { mayBeAny: false });
}

/** Reads an address to bind: `*` is every interface, or any free port. */
export function readBindAddress(given: string): ReadAddress {
  return readAddress(given, { mayBeAny: true });
}

/** A wrong address, for its error, without what stands before an `@`: as in a URL, that may be a password. */
export function shownAddress(given: unknown): string {
  return shown(typeof given === 'string' ? given.replace(/^(\w+:\/\/).*@/su, '$1…@') : given);
}

/** Why an address does not fit the option `security`; undefined if it does. */
export function misfitOf(
  address: string,
  mechanism: 'curve' | 'plain' | 'tls' | undefined,
): string | undefined {
  if (mechanism === 'tls') {
    return address.startsWith('tls:')
      ? undefined
      : "must begin with tls:// if security has the mechanism 'tls'";
  }
  if (address.startsWith('tls:')) {
    return "must not begin with tls:// unless security has the mechanism 'tls'";
  }
  return mechanism !== undefined && address.startsWith('inproc:')
    ? 'must not have inproc:// addresses with security, which inproc:// does not support'
    : undefined;
}

/** Whether no other machine can reach a server there. */
export function isLocal(address: string): boolean {
  return !/^(?:tcp|tls):/u.test(address) || LOOPBACK.test(address);
}

/** Source: RFC 1122, 3.2.1.3 (127.0.0.0/8), and RFC 4291, 2.5.3 (::1). `lo` is what Linux calls its interface. */
const LOOPBACK = /^(?:tcp|tls):\/\/(?:127\.[\d.]+|localhost|lo|\[::1\]):/;

interface Wanted {
  /** Whether `*` may stand for a host, a port, or a path. */
  readonly mayBeAny: boolean;
}

function readAddress(given: string, wanted: Wanted): ReadAddress {
  const [, scheme, rest = ''] = /^(tcp|tls|ipc|inproc):\/\/(.*)$/su.exec(given) ?? [];
  switch (scheme) {
    case 'tcp':
    case 'tls':
      return readTcp(scheme, rest, wanted);
    case 'ipc':
      return readIpc(rest, wanted);
    case 'inproc':
      return NO_NAME.test(rest)
        ? { wrong: 'it has no name, or one with spaces' }
        : { address: given };
    default:
      return { wrong: 'it must begin with tcp://, tls://, ipc:// or inproc://' };
  }
}

function readTcp(scheme: 'tcp' | 'tls', rest: string, { mayBeAny }: Wanted): ReadAddress {
  const [, host = '', port = ''] = /^(.*):([^:\]]*)$/su.exec(rest) ?? [];
  if (rest.includes('@')) return { wrong: 'it must not have a user' };
  if (host === '') return { wrong: 'it must have a host and a port' };
  if (!isPort(port) && !(mayBeAny && port === '*')) {
    return { wrong: `it must end with a port from 1 to 65535${mayBeAny ? ', or with *' : ''}` };
  }
  const name = mayBeAny && host === '*' ? host : nameOf(host);
  if (name === undefined) return { wrong: `${JSON.stringify(host)} is not a host` };
  return { address: `${scheme}://${name}:${port}` };
}

function isPort(text: string): boolean {
  return /^\d{1,5}$/u.test(text) && Number(text) >= 1 && Number(text) <= 65_535;
}

/** The host as it is looked up; undefined if it is not a valid host. */
function nameOf(host: string): string | undefined {
  const ipv6 = /^\[(.*)\]$/su.exec(host)?.[1];
  if (ipv6 !== undefined) return isIPv6(ipv6) ? host : undefined;
  // Digits and dots only: an IPv4 address, in any form that resolvers accept.
  if (/^[\d.]+$/u.test(host)) return domainToASCII(host) === '' ? undefined : host;
  // Letters beyond ASCII are converted by RFC 5890. The function would drop the path of a URL, hence the second test.
  const name = /[^\0-\x7f]/u.test(host) && !/[\s/?#\\]/u.test(host) ? domainToASCII(host) : host;
  return isName(name) ? name : undefined;
}

/** Whether it is a host name, or an IP address without brackets. */
export function isHost(text: string): boolean {
  return isIP(text) !== 0 || isName(text);
}

/** Source: RFC 1035, 2.3.4. Underscores are not allowed there, but Docker's names and interfaces have them. */
function isName(name: string): boolean {
  const labels = name.replace(/\.$/u, '').split('.');
  return name.length <= 254 && labels.every((label) => /^[\w-]{1,63}$/u.test(label));
}

function readIpc(path: string, { mayBeAny }: Wanted): ReadAddress {
  if (NO_NAME.test(path)) return { wrong: 'it has no path, or one with spaces' };
  if (path === '*' && !mayBeAny) return { wrong: 'it must have the path that a server has bound' };
  if (path.endsWith('/')) return { wrong: 'its path is that of a directory' };
  const bytes = Buffer.byteLength(path);
  return bytes > LONGEST_PATH
    ? { wrong: `its path has ${bytes} bytes, and a socket may have ${LONGEST_PATH}` }
    : { address: `ipc://${path}` };
}

// oxlint-disable-next-line eslint/no-control-regex -- a NUL ends a path
const NO_NAME = /^$|[\s\0]/u;
