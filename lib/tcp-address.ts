/** An address with a host and a port, parsed. */
export interface TcpAddress {
  readonly scheme: 'tcp' | 'tls';
  /** An IPv6 address has no brackets here. May be `*`, of a server that binds. */
  readonly host: string;
  /** 0 for `*`. */
  readonly port: number;
}

/** Parses a valid address; undefined if it begins with neither `tcp://` nor `tls://`. */
export function tcpAddressOf(address: string): TcpAddress | undefined {
  const [, scheme, host = '', port] = /^(tcp|tls):\/\/(.*):(\d+|\*)$/su.exec(address) ?? [];
  if (scheme !== 'tcp' && scheme !== 'tls') return undefined;
  return {
    scheme,
    host: host.replace(/^\[(.*)\]$/su, '$1'),
    port: port === '*' ? 0 : Number(port),
  };
}

/** The other way: an IPv6 address in brackets, as libzmq writes it. */
export function tcpAddress(scheme: string, host: string, port: number): string {
  return `${scheme}://${host.includes(':') ? `[${host}]` : host}:${port}`;
}
