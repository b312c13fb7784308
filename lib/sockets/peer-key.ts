/** The first byte of a key: whose sockets its connection is of. RFC 28 keeps ids that begin with a zero for the ROUTER itself. */
export const OF_SYSTEM = 0x00;
export const OF_THREAD = 0x01;

/** At a million connections a second these numbers last for nine years: none comes back while it is in use. */
const NUMBER_BYTES = 6;

/**
 * By what the agents know a connection: it is of this connection alone, whatever routing id its client has chosen. So nobody can
 * take an id that is another client's, or get what was meant for one that had it before.
 *
 * @param number of connections before it
 */
export function peerKey(of: typeof OF_SYSTEM | typeof OF_THREAD, number: number): Buffer {
  const key = Buffer.alloc(1 + NUMBER_BYTES, of);
  key.writeUIntBE(number, 1, NUMBER_BYTES);
  return key;
}

/** The key as a key of a `Map`. */
export function asText(peer: Buffer): string {
  return peer.toString('latin1');
}
