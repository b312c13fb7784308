import { tcpAddressOf } from '../../tcp-address.js';

/** The place of a socket of the system, parsed from a valid address. */
export type Place =
  | { readonly scheme: 'tcp'; readonly host: string; readonly port: number }
  | { readonly scheme: 'ipc'; readonly path: string };

/** @returns `*` for a host or path `*`, 0 for a port `*`; an IPv6 address without its brackets */
export function placeOf(address: string): Place {
  const [, path] = /^ipc:\/\/(.*)$/su.exec(address) ?? [];
  if (path !== undefined) return { scheme: 'ipc', path };
  const { host = '', port = 0 } = tcpAddressOf(address) ?? {};
  return { scheme: 'tcp', host, port };
}

/**
 * Why a path cannot be used; undefined if it can. Names in Linux' abstract namespace begin with `@`. Node 20 pads such a name
 * with NULs, so that other programs, such as libzmq, cannot reach it.
 */
export function whyNoPath(path: string): string | undefined {
  return path.startsWith('@')
    ? "names that begin with @ are for the engine 'libzmq': this one takes paths only"
    : undefined;
}
