import { hostname } from 'node:os';
import type { Deserializer, Serializer } from '@nestjs/microservices';
import type { PacketCodec } from '../packet-codec.js';
import { isBindAddress } from './addresses.js';
import { OptionReader } from './option-reader.js';

/** Options of a `FreelanceTransportServer`. */
export interface FreelanceServerOptions {
  /**
   * Where to listen: `tcp://host:port`, `ipc://path` or `inproc://name`, one or several. The host `*`
   * stands for every interface, the port `*` for a free one, which `server.endpoints` then tells.
   */
  bind: string | readonly string[];
  /** The name by which clients know this server. @default the host's name and the process id */
  serverId?: string;
  /** Of whole packets, as Nest's other transports take it; may be asynchronous. @default none */
  serializer?: Serializer;
  /** The counterpart of the clients' serializer. @default none */
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
