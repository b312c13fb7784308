/** Where a socket of the system's is, of an address that was found valid. */
export type Place =
  | { readonly scheme: 'tcp'; readonly host: string; readonly port: number }
  | { readonly scheme: 'ipc'; readonly path: string };

/** @returns for `*` as a host or a path `*`, as a port 0. An IPv6 address is without its brackets */
export function placeOf(address: string): Place {
  const [, path] = /^ipc:\/\/(.*)$/su.exec(address) ?? [];
  if (path !== undefined) return { scheme: 'ipc', path };
  const [, host = '', port = ''] = /^(?:tcp|tls):\/\/(.*):(\d+|\*)$/su.exec(address) ?? [];
  return {
    scheme: 'tcp',
    host: host.replace(/^\[(.*)\]$/su, '$1'),
    port: port === '*' ? 0 : Number(port),
  };
}

/**
 * Why a path cannot be used; undefined if it can. Names in Linux' abstract namespace begin with `@`. Node 20 fills such a name
 * up with NULs, and then no program that does not do so reaches it, libzmq for one.
 */
export function whyNoPath(path: string): string | undefined {
  return path.startsWith('@')
    ? "names that begin with @ are for the engine 'libzmq': this one takes paths only"
    : undefined;
}

/** Of a server's address, as libzmq shows it: an IPv6 address in brackets. */
export function endpointOf(scheme: string, host: string, port: number): string {
  return `${scheme}://${host.includes(':') ? `[${host}]` : host}:${port}`;
}
