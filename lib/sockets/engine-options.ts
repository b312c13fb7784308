import type { ClientCredentials } from '../security/client-credentials.js';
import type { Doorkeeper } from '../security/doorkeeper.js';
import type { SocketOptions } from './socket-options.js';

/** The connections that a server takes if it is told no other number: as many as clients are remembered by default. */
export const DEFAULT_MAX_CONNECTIONS = 10_000;

/** What an engine is told that is loaded for a client, or for a server. */
export interface EngineOptions extends SocketOptions {
  /** What a client shows to its servers. */
  readonly credentials?: ClientCredentials | undefined;
  /** Who lets clients in to a server. */
  readonly doorkeeper?: Doorkeeper | undefined;
  /**
   * The connections that one authenticated key or username may have at a server, and without security all clients
   * together. Only the engine `node` knows whose a connection is. @default 10 000
   */
  readonly maxConnections?: number | undefined;
}
