import { isIP } from 'node:net';
import { isHost, readEndpoint, shownAddress } from '../nest/options/addresses.js';
import { badOptions } from '../nest/options/bad-options.js';
import { OptionReader } from '../nest/options/option-reader.js';
import { shown } from '../nest/options/shown.js';
import { type TcpAddress, tcpAddressOf } from '../tcp-address.js';
import type { Family } from './host-lookup.js';

/** How names are looked up. */
export interface LookupOptions {
  /**
   * Only A records (4) or only AAAA records (6): with both, a server with two addresses is two servers to a client.
   * @default both
   */
  family?: 4 | 6 | undefined;
  /** The name servers to ask, each an IP address, or one with a port: `10.96.0.10`, `[fd00::10]:53`. @default those of the system */
  servers?: readonly string[] | undefined;
}

export interface ReadLookupOptions<Options extends object> {
  /** Reads the further options. */
  readonly read: OptionReader<Partial<Options>>;
  readonly families: readonly Family[];
  readonly servers: readonly string[] | undefined;
}

const MEMBERS = ['family', 'servers'] satisfies (keyof LookupOptions)[];

/**
 * @param more names of further options, which the caller reads
 * @throws FreelanceError `BAD_OPTIONS`
 */
export function readLookupOptions<Options extends LookupOptions>(
  owner: string,
  options: Options | undefined,
  more: readonly (keyof Options & string)[],
): ReadLookupOptions<Options> {
  const given: Partial<Options> = options ?? {};
  const read = new OptionReader<Partial<Options>>(owner, given, [...MEMBERS, ...more]);
  const { family, servers } = given;
  if (family !== undefined && family !== 4 && family !== 6) {
    throw read.bad('family', 'must be 4 or 6', family);
  }
  return {
    read,
    families: family === undefined ? [4, 6] : [family],
    servers: readServers(owner, servers),
  };
}

/** @throws FreelanceError `BAD_OPTIONS` */
export function readAddress(owner: string, given: string): TcpAddress {
  const read = typeof given === 'string' ? readEndpoint(given) : { wrong: 'an address is text' };
  const must = `${owner} takes an address like tcp://orders.shop.svc:5555, but got ${shownAddress(given)}`;
  if ('wrong' in read) throw badOptions(`${must}: ${read.wrong}`);
  const address = tcpAddressOf(read.address);
  if (address) return address;
  throw badOptions(`${must}: only tcp:// and tls:// addresses have a host to look up`);
}

/** @throws FreelanceError `BAD_OPTIONS` */
export function readServiceName(owner: string, given: string): string {
  if (typeof given === 'string' && isHost(given) && isIP(given) === 0) return given;
  const must = 'takes the name of SRV records like _freelance._tcp.orders.shop.svc';
  throw badOptions(`${owner} ${must}, but got ${shown(given)}`);
}

function readServers(owner: string, servers: unknown): readonly string[] | undefined {
  if (servers === undefined) return undefined;
  if (Array.isArray(servers) && servers.length > 0 && servers.every(isServer)) return servers;
  const first: unknown = Array.isArray(servers) ? servers.find((one) => !isServer(one)) : servers;
  throw badOptions(
    `${owner}: servers must be a list of IP addresses of name servers, with or without a port, but has ${shown(first)}`,
  );
}

/** Node's `setServers` takes ports out of range, and ends the process at port 0. */
function isServer(given: unknown): given is string {
  if (typeof given !== 'string') return false;
  if (isIP(given) !== 0) return true;
  const [, six = '', four = '', port = '53'] =
    /^(?:\[(.*)\]|([^:]*))(?::(\d{1,5}))?$/u.exec(given) ?? [];
  return isIP(six || four) !== 0 && Number(port) >= 1 && Number(port) <= 65_535;
}
