import { plainText } from './plain-text.js';

/** A server that a client may call, as a list or a discovery names it. */
export interface ServerTarget {
  /** Its address: `tcp://host:port`, `tls://host:port`, `ipc://path` or `inproc://name`. */
  readonly endpoint: string;
  /** The zone that it runs in. @default what the server says of itself */
  readonly zone?: string | undefined;
  /** Its share of the calls, relative to the others. More than 0. @default what the server says of itself, else 1 */
  readonly weight?: number | undefined;
  /**
   * Servers of a higher number are used only as far as those of lower numbers are not healthy. A whole number, at least 0, as
   * in SRV records. @default 0
   */
  readonly priority?: number | undefined;
  /**
   * Of a server that speaks the protocol of the ZeroMQ guide's Freelance Model Three (RFC 10/FLP): see PROTOCOL.md, "The guide
   * dialect". Such a server does not understand the PINGs by which the other dialects are told apart. @default found out
   */
  readonly dialect?: 'guide' | undefined;
  /**
   * The name under which it was found, for logs and errors. Where the host of a `tls://` address is an IP address and this is a
   * host name, the server's certificate must be of this name, unless `security.servername` says another. @default none
   */
  readonly name?: string | undefined;
}

/** For logs and errors: `tcp://10.0.0.1:5555 (orders.shop.svc)`. */
export function shownTarget({ endpoint, name }: Pick<ServerTarget, 'endpoint' | 'name'>): string {
  return name === undefined ? endpoint : `${endpoint} (${plainText(name, 64)})`;
}

/** Whether both say the same. */
export function isSameTarget(one: ServerTarget, other: ServerTarget): boolean {
  return (
    one.endpoint === other.endpoint &&
    one.zone === other.zone &&
    one.weight === other.weight &&
    one.priority === other.priority &&
    one.dialect === other.dialect &&
    one.name === other.name
  );
}
