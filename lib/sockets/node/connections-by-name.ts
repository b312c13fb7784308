import type { ServerConnection } from './server-connection.js';

interface Own {
  readonly connections: Set<ServerConnection>;
  /** How many of them may connect; of the others it is being asked. */
  admitted: number;
}

/** The connections of a server that have shown credentials, by the name of who has them. */
export class ConnectionsByName {
  readonly #byName = new Map<string, Own>();

  /** It has shown credentials. */
  add(name: string, connection: ServerConnection): void {
    const own = this.#byName.get(name);
    if (own) own.connections.add(connection);
    else this.#byName.set(name, { connections: new Set([connection]), admitted: 0 });
  }

  /**
   * Its credentials are good.
   *
   * @param most how many of a name may be admitted
   * @returns false if they are as many already
   */
  admit(connection: ServerConnection, most: number): boolean {
    const own = this.#of(connection);
    // It may have ended while its credentials were looked at.
    if (!own?.connections.has(connection)) return true;
    if (own.admitted >= most) return false;
    own.admitted++;
    connection.isAdmitted = true;
    return true;
  }

  /** It has ended. */
  delete(connection: ServerConnection): void {
    const own = this.#of(connection);
    if (!own?.connections.delete(connection)) return;
    if (connection.isAdmitted) own.admitted--;
    if (own.connections.size === 0) this.#byName.delete(connection.identity?.userId ?? '');
  }

  /** Those of that name, which are forgotten. */
  take(name: string): ServerConnection[] {
    const own = this.#byName.get(name)?.connections ?? [];
    this.#byName.delete(name);
    return [...own];
  }

  clear(): void {
    this.#byName.clear();
  }

  #of({ identity }: ServerConnection): Own | undefined {
    return identity?.userId === undefined ? undefined : this.#byName.get(identity.userId);
  }
}
