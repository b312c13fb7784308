/** The options of every connection, at both sides. */
export const TCP_OPTIONS = {
  // Each direction ends by itself, so that the last messages are read after the first FIN.
  allowHalfOpen: true,
  // What belongs together is written at once, so Nagle's algorithm would only delay it.
  noDelay: true,
  keepAlive: true,
  /** In ms. The system then notices peers that vanished silently, though nothing is sent to them. */
  keepAliveInitialDelay: 30_000,
};
