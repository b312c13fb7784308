import { hostname } from 'node:os';
import type { Deserializer, Serializer } from '@nestjs/microservices';
import type { PacketCodec } from '../packet-codec.js';
import { isBindAddress } from './addresses.js';
import { OptionReader } from './option-reader.js';

/**
 * Options of a `FreelanceTransportServer`. A wrong value, or an option that there is not, makes the
 * constructor throw a `FreelanceError` `BAD_OPTIONS`.
 */
export interface FreelanceServerOptions {
  /**
   * Where to listen, at least one of `tcp://host:port`, `ipc://path` and `inproc://name`. The host `*`
   * stands for every interface, the port `*` for a free one, which `server.endpoints` then tells.
   */
  bind: string | readonly string[];
  /**
   * The name that this server gives itself in its PONGs. Not empty. @default `<host name>-<process id>`
   */
  serverId?: string;
  /**
   * Makes of a whole packet, `{ response }` or `{ err }`, another one, or bytes or text that only the
   * clients' `deserializer` reads. May be asynchronous. Without one, bytes travel as bytes, strings as
   * text, and all else as JSON. @default none
   */
  serializer?: Serializer;
  /**
   * The counterpart of the clients' `serializer`: makes a packet, `{ pattern, data }`, of what that made.
   * May be asynchronous. @default none
   */
  deserializer?: Deserializer;
}

export interface ResolvedServerOptions {
  readonly bind: readonly string[];
  readonly serverId: string;
  readonly codec: PacketCodec;
}

/** @throws FreelanceError `BAD_OPTIONS` */
export function resolveServerOptions(options: FreelanceServerOptions): ResolvedServerOptions {
  const read = new OptionReader<FreelanceServerOptions>('FreelanceTransportServer', options, [
    'bind',
    'serverId',
    'serializer',
    'deserializer',
  ]);
  return {
    bind: read.addresses('bind', isBindAddress, 'tcp://0.0.0.0:5555'),
    serverId: read.text('serverId', `${hostname()}-${process.pid}`),
    codec: read.codec(),
  };
}
