/** Of each connection, whichever side has made it. */
export const TCP_OPTIONS = {
  // What the other side still has to say is read after its end was told, and the other way round.
  allowHalfOpen: true,
  // What belongs together is written at once: there is nothing that Nagle's algorithm could wait for.
  noDelay: true,
  keepAlive: true,
  /** In ms. So the system finds out about a peer that vanished without a word, though nothing is sent to it. */
  keepAliveInitialDelay: 30_000,
};
