let keys = 0;

/**
 * A key for a new connection, unique in this thread. Unlike a routing id it is not chosen by the client: so no client can take
 * another one's, or receive what was meant for an earlier connection.
 */
export function newPeerKey(): string {
  return String(keys++);
}
