import type { Observer } from 'rxjs';

/** A client of the transport that is measured, behind as little else as possible. */
export interface Client {
  /** Makes one call, whose values, end or error the observer gets. */
  call(pattern: string, data: unknown, observer: Observer<unknown>): void;
  /** Sends one event. */
  emit?(pattern: string, data: unknown, failed: (error: unknown) => void): void;
  /** Makes one call, whose values are read one by one. */
  iterate?(pattern: string, data: unknown): AsyncIterable<unknown>;
}

/** Both ends of what is measured. Each runs in processes of its own. */
export interface Subject {
  /**
   * Starts a server on a free port of 127.0.0.1, or at the broker.
   *
   * @param broker where the broker is, if this subject needs one
   * @returns where clients find it
   */
  serve(broker: string): Promise<string>;
  /** Resolves once every one of the servers can be called. */
  connect(servers: readonly string[]): Promise<Client>;
}

/** The server of a client that knows but one. */
export function only(servers: readonly string[]): string {
  const [server] = servers;
  if (server === undefined || servers.length > 1) {
    throw new Error(`this client calls one server, not ${servers.length}`);
  }
  return server;
}
