import type { AcceptedConnection } from './accepted-connection.js';

interface Own {
  readonly connections: Set<AcceptedConnection>;
  /** How many of them were admitted; about the others the authorizer is being asked. */
  admitted: number;
}

/** The connections of a server that have shown credentials, by the name in these. */
export class ConnectionsByName {
  readonly #byName = new Map<string, Own>();

  /** The connection has shown credentials. */
  add(name: string, connection: AcceptedConnection): void {
    const own = this.#byName.get(name);
    if (own) own.connections.add(connection);
    else this.#byName.set(name, { connections: new Set([connection]), admitted: 0 });
  }

  /**
   * Its credentials are valid.
   *
   * @param most how many connections of a name may be admitted
   * @returns false if there are that many already
   */
  admit(connection: AcceptedConnection, most: number): boolean {
    const own = this.#of(connection);
    // It may have ended while its credentials were checked.
    if (!own?.connections.has(connection)) return true;
    if (own.admitted >= most) return false;
    own.admitted++;
    connection.isAdmitted = true;
    return true;
  }

  /** The connection has ended. */
  delete(connection: AcceptedConnection): void {
    const own = this.#of(connection);
    if (!own?.connections.delete(connection)) return;
    if (connection.isAdmitted) own.admitted--;
    if (own.connections.size === 0) this.#byName.delete(connection.identity?.userId ?? '');
  }

  /** Removes the connections of that name. @returns them */
  take(name: string): AcceptedConnection[] {
    const own = this.#byName.get(name)?.connections ?? [];
    this.#byName.delete(name);
    return [...own];
  }

  clear(): void {
    this.#byName.clear();
  }

  #of({ identity }: AcceptedConnection): Own | undefined {
    return identity?.userId === undefined ? undefined : this.#byName.get(identity.userId);
  }
}
