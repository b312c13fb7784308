import type { ClientCredentials } from '../security/client-credentials.js';
import type { Doorkeeper } from '../security/doorkeeper.js';
import type { SocketOptions } from './socket-options.js';

/** The default of `maxConnections`, which is also that of `maxClients`. */
export const DEFAULT_MAX_CONNECTIONS = 10_000;

/** The options of an engine that is loaded for a client or for a server. */
export interface EngineOptions extends SocketOptions {
  /** Of a client: what it shows to its servers. */
  readonly credentials?: ClientCredentials | undefined;
  /** Of a server: decides which clients may connect. */
  readonly doorkeeper?: Doorkeeper | undefined;
  /** Of a server: announced to its clients as the routing id of its ROUTER, of 1 to 255 bytes. @default none */
  readonly routingId?: string | undefined;
  /**
   * How many connections one authenticated key or username may have at a server; without security, all clients together.
   * Only the engine `node` knows whose a connection is. @default 10 000
   */
  readonly maxConnections?: number | undefined;
}
