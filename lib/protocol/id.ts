/** What tells calls and heartbeats apart, chosen by the client: any bytes, each as one character. */
export type Id = string;

/** What an id, the time of a PING, or the name of a peer may have, in bytes: they are kept, and echoed. */
export const MAX_ID_BYTES = 256;
