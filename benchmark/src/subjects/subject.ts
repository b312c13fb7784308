import type { Observer } from 'rxjs';

/** A client of the measured transport, behind as thin a layer as possible. */
export interface Client {
  /** Makes one call; the observer gets its values and its end or error. */
  call(pattern: string, data: unknown, observer: Observer<unknown>): void;
  /** Sends one event. */
  emit?(pattern: string, data: unknown, failed: (error: unknown) => void): void;
  /** Makes one call whose values are read one by one. */
  iterate?(pattern: string, data: unknown): AsyncIterable<unknown>;
}

/** Both ends of the measured transport, each in processes of its own. */
export interface Subject {
  /**
   * Starts a server on a free port of 127.0.0.1, or at the broker.
   *
   * @param broker the broker's address, if this subject needs one
   * @returns where clients find the server
   */
  serve(broker: string): Promise<string>;
  /** Resolves once all of the servers can be called. */
  connect(servers: readonly string[]): Promise<Client>;
}

/** The server of a client with exactly one. */
export function only(servers: readonly string[]): string {
  const [server] = servers;
  if (server === undefined || servers.length > 1) {
    throw new Error(`this client calls one server, but got ${servers.length}`);
  }
  return server;
}
