/** What every engine is told about its sockets. */
export interface SocketOptions {
  /**
   * ZMTP heartbeats, in ms: they free what is kept for peers that vanished without a word. Whether a server is alive is
   * the protocol's own PING to find out.
   */
  readonly heartbeatInterval: number;
  readonly heartbeatTimeout: number;
  /** The largest frame that is taken, in bytes: a peer that sends a larger one loses the connection. */
  readonly maxMessageSize: number;
}
