/*
 * What both engines have in common, in ms, and what has to be longer than what.
 */

/** How long received messages may keep the event loop from everything else. */
export const LONGEST_TURN_MS = 10;

/** How long a closed client goes on sending its last words: enough for a peer that reads. */
export const CLIENT_LINGER_MS = 100;

/** How long a closed server goes on sending what it has answered. */
export const SERVER_LINGER_MS = 1000;

/** How long a server gives a client for its handshake; libzmq's own 30 s is generous. */
export const SERVER_HANDSHAKE_MS = 5000;

/** How long the user's function may take to say who may connect: the client is still told why it was not let in. */
export const ANSWER_MS = SERVER_HANDSHAKE_MS - 1000;

/** How long a client gives a server for it: the server, which knows what it waits for, is the first to give up. */
export const CLIENT_HANDSHAKE_MS = SERVER_HANDSHAKE_MS + 1000;

/** Until the next address of a name is tried as well. Source: RFC 8305, section 8, "Connection Attempt Delay". */
export const STAGGER_MS = 250;
