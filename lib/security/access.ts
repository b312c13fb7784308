/**
 * The clients that a server has authorized or revoked, by name: the public key of CURVE, the username of PLAIN, the fingerprint
 * of a certificate. It may change while the server runs.
 */
export class Access {
  readonly #authorized: Set<string>;
  readonly #revoked = new Set<string>();

  constructor(authorized: Iterable<string> = []) {
    this.#authorized = new Set(authorized);
  }

  authorize(name: string): void {
    this.pardon(name);
    this.#authorized.add(name);
  }

  /** The name is no longer revoked, which does not authorize it. */
  pardon(name: string): void {
    this.#revoked.delete(name);
  }

  revoke(name: string): void {
    this.#authorized.delete(name);
    this.#revoked.add(name);
  }

  /** `unknown`: the user's function decides, if there is one. */
  of(name: string): 'authorized' | 'revoked' | 'unknown' {
    if (this.#revoked.has(name)) return 'revoked';
    return this.#authorized.has(name) ? 'authorized' : 'unknown';
  }
}
