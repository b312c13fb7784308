import type { SocketPort } from '../../../lib/sockets/socket-port.js';

/** What makes the sockets that are held to the contract. */
export interface Harness {
  readonly traits: Traits;
  /** A network for one test, with nobody in it. */
  open(): Promise<Place>;
}

/** Where engines differ by their nature. Nothing else may differ. */
export interface Traits {
  /**
   * Whether a server is told whose connection has ended, after the last message of that peer. The monitor of libzmq is a
   * socket of its own: it says that some connection has ended, before or after the messages of that one.
   */
  readonly namesTheLost: boolean;
  /**
   * Whether either side is told that a connection has ended, or that nobody listens. libzmq has no events for `inproc://`:
   * a client is connected as soon as it has asked, and waits for the name to be bound.
   */
  readonly tellsEnds: boolean;
  /**
   * Whether a client hears what was sent before the end of its connection. The DEALER of libzmq drops what waits unread in
   * it when its connection ends, if it is not to keep messages for a server that comes back (`socket_base.cpp`, `hiccuped`).
   */
  readonly keepsLastWords: boolean;
  /**
   * Whether a connection that brings more than `maxMessageSize` is ended. Within one thread nothing is read that could be
   * too large, and the simulation sends no such messages.
   */
  readonly limitsFrames: boolean;
  /** More messages than may wait for a client that does not read, and what each has, in bytes. */
  readonly flood: { readonly messages: number; readonly bytes: number } | undefined;
}

export interface Place {
  /** Of the process of the servers. */
  readonly servers: SocketPort;
  /** Of a client's process. */
  newClient(): SocketPort;
  /** To bind: one that nobody else has, or `*`. */
  newAddress(): string;
  /** One that nobody has bound, and nobody will. */
  newEndpoint(): Promise<string>;
  /** Lets time pass until that does not throw. */
  until(check: () => void): Promise<void>;
  /** Lets time pass in which whatever is under way arrives. */
  settle(): Promise<void>;
  /** What nobody caught while that ran. */
  uncaught(run: () => Promise<void>): Promise<unknown[]>;
  tearDown(): Promise<void>;
}

/** Of all engines in these tests. */
export const OPTIONS = { heartbeatInterval: 1000, heartbeatTimeout: 3000, maxMessageSize: 2 ** 22 };
