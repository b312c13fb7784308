import type { ServerConnection } from './server-connection.js';

/** The connections of a server that have shown credentials, by the name of who has them. */
export class ConnectionsByName {
  readonly #byName = new Map<string, Set<ServerConnection>>();

  countOf(name: string): number {
    return this.#byName.get(name)?.size ?? 0;
  }

  add(name: string, connection: ServerConnection): void {
    const own = this.#byName.get(name);
    if (own) own.add(connection);
    else this.#byName.set(name, new Set([connection]));
  }

  /** It has ended. */
  delete(connection: ServerConnection): void {
    const name = connection.identity?.userId;
    if (name === undefined) return;
    const own = this.#byName.get(name);
    own?.delete(connection);
    if (own?.size === 0) this.#byName.delete(name);
  }

  /** Those of that name, which are forgotten. */
  take(name: string): ServerConnection[] {
    const own = [...(this.#byName.get(name) ?? [])];
    this.#byName.delete(name);
    return own;
  }

  clear(): void {
    this.#byName.clear();
  }
}
