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

/** As Node and libuv want it: a name in Linux' abstract namespace begins with a NUL. */
export function pathForNode(path: string): string {
  return path.startsWith('@') ? `\0${path.slice(1)}` : path;
}

/** Of a server's address, as libzmq shows it: an IPv6 address in brackets. */
export function endpointOf(scheme: string, host: string, port: number): string {
  return `${scheme}://${host.includes(':') ? `[${host}]` : host}:${port}`;
}
