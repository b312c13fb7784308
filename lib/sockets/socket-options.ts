/** The options of sockets that all engines have. */
export interface SocketOptions {
  /**
   * ZMTP heartbeats, in ms: they free the resources of peers that vanished silently. Whether a server is alive is found out
   * by the protocol's own PING.
   */
  readonly heartbeatInterval: number;
  readonly heartbeatTimeout: number;
  /** The largest frame that is accepted, in bytes. The connection to a peer that sends a larger one is closed. */
  readonly maxMessageSize: number;
}
