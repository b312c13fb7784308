import type { Access } from './access.js';
import { canonicalName, type Credentials, nameOf, type Verdict } from './credentials.js';
import type { TlsServerCredentials } from './tls-credentials.js';

/** What a server demands of clients that connect. */
export interface ServerSecurity {
  readonly own: OwnCredentials;
  readonly access: Access;
  /** The user's authorizer, asked about clients that `access` does not know: `true`, or a promise of it, admits. May throw. */
  readonly judge: (credentials: Credentials, address: string) => unknown;
  /** Whether anonymous clients are served. */
  readonly allowAnonymous: boolean;
}

export type OwnCredentials =
  | { readonly mechanism: 'curve'; readonly publicKey: string; readonly secretKey: string }
  | { readonly mechanism: 'plain' }
  | TlsServerCredentials;

/** A socket of the server, which is told of changes. */
export interface DoorListener {
  /** @param name in the form of `nameOf`: a key is canonical */
  onRevoked(name: string): void;
  onAuthorized(): void;
}

/**
 * Decides who may connect to a server, for both engines, and tells the server's sockets whom its user authorizes or revokes
 * while it runs. There is one for each server with security.
 */
export class Doorkeeper {
  readonly #security: ServerSecurity;
  readonly #listeners = new Set<DoorListener>();

  constructor(security: ServerSecurity) {
    this.#security = security;
  }

  /** @returns to be called to stop listening */
  listen(listener: DoorListener): () => void {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }

  /** The server's own credentials. A method, so that printing the object does not print them. */
  own(): OwnCredentials {
    return this.#security.own;
  }

  /** Asked by libzmq's engine, which learns from the messages themselves whether their sender is anonymous. */
  get allowsAnonymous(): boolean {
    return this.#security.allowAnonymous;
  }

  /**
   * Whether a client may connect. It may be revoked while the answer is under way: the caller has to check `isRevoked` then.
   *
   * @throws what the user's function throws
   */
  async admit(credentials: Credentials, address: string): Promise<Verdict> {
    const { own, access, judge } = this.#security;
    const name = nameOf(credentials);
    if (credentials.mechanism !== own.mechanism || this.isRevoked(name)) return 'refused';
    const isKnown = access.of(name) === 'authorized';
    if (!isKnown && (await judge(credentials, address)) !== true) return 'refused';
    // The client may have been revoked while the authorizer was asked.
    return this.isRevoked(name) ? 'refused' : 'admitted';
  }

  isRevoked(name: string): boolean {
    return this.#security.access.of(name) === 'revoked';
  }

  authorize(name: string): void {
    const { own, access } = this.#security;
    // With PLAIN a name alone is not enough: only the judge knows the password.
    if (own.mechanism === 'plain') access.pardon(name);
    else access.authorize(canonicalName(own.mechanism, name));
    for (const listener of this.#listeners) listener.onAuthorized();
  }

  /** Ends the connections of that client, and refuses new ones. */
  revoke(given: string): void {
    const { own, access } = this.#security;
    const name = canonicalName(own.mechanism, given);
    access.revoke(name);
    for (const listener of this.#listeners) listener.onRevoked(name);
  }
}
