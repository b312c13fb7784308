/**
 * Whom a server knows, by name: the public key of CURVE, the username of PLAIN. It may be changed while
 * the server runs.
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

  /** It is no longer revoked; whether it is authorized is another question. */
  pardon(name: string): void {
    this.#revoked.delete(name);
  }

  revoke(name: string): void {
    this.#authorized.delete(name);
    this.#revoked.add(name);
  }

  /** `unknown`: the user's own function is to be asked, if there is one. */
  of(name: string): 'authorized' | 'revoked' | 'unknown' {
    if (this.#revoked.has(name)) return 'revoked';
    return this.#authorized.has(name) ? 'authorized' : 'unknown';
  }
}
