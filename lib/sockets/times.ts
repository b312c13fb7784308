/*
 * Times that both engines share, in ms, each next to those that it has to be longer than.
 */

/** How long received messages may keep the event loop busy before it turns. */
export const LONGEST_TURN_MS = 10;

/** How long a closed client goes on sending: long enough for a peer that reads. */
export const CLIENT_LINGER_MS = 100;

/** How long a closed server goes on sending its replies. */
export const SERVER_LINGER_MS = 1000;

/** How long a handshake may take at a server. libzmq's own default is 30 s. */
export const SERVER_HANDSHAKE_MS = 5000;

/** How long the user's function may take to decide who may connect: after that the client can still be told why not. */
export const ANSWER_MS = SERVER_HANDSHAKE_MS - 1000;

/** How long a handshake may take at a client: the server, which knows the reason, gives up first. */
export const CLIENT_HANDSHAKE_MS = SERVER_HANDSHAKE_MS + 1000;

/** The delay until the next address of a name is tried in parallel. Source: RFC 8305, section 8, "Connection Attempt Delay". */
export const STAGGER_MS = 250;
