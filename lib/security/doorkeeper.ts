import type { Access } from './access.js';
import { canonicalName, type Credentials, nameOf, type Verdict } from './credentials.js';
import type { TlsServerCredentials } from './tls-credentials.js';

/** What a server demands of those who connect. */
export interface ServerSecurity {
  readonly own: OwnCredentials;
  readonly access: Access;
  /** Asked about whom `access` does not know: `true`, or a promise of it, is a yes. May throw. */
  readonly judge: (credentials: Credentials, address: string) => unknown;
  /** Whether those are served who do not say who they are. */
  readonly allowAnonymous: boolean;
}

export type OwnCredentials =
  | { readonly mechanism: 'curve'; readonly publicKey: string; readonly secretKey: string }
  | { readonly mechanism: 'plain' }
  | TlsServerCredentials;

/** A socket of the server, which has connections. */
export interface DoorListener {
  /** @param name as `nameOf` has it: a key in its canonical form */
  onRevoked(name: string): void;
  onAuthorized(): void;
}

/** Says who may connect to a server, and tells its sockets who may no longer. */
export class Doorkeeper {
  readonly #security: ServerSecurity;
  readonly #listeners = new Set<DoorListener>();

  constructor(security: ServerSecurity) {
    this.#security = security;
  }

  /** @returns ends it */
  listen(listener: DoorListener): () => void {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }

  /** What the server itself has to show. A method, so that nothing that prints objects prints it. */
  own(): OwnCredentials {
    return this.#security.own;
  }

  /** For an engine that cannot tell by itself who has sent a message. */
  get allowsAnonymous(): boolean {
    return this.#security.allowAnonymous;
  }

  /**
   * Whether a connection may be made. Who is revoked right after the answer may have been admitted by it: `isRevoked`
   * tells.
   *
   * @throws what the user's function throws
   */
  async admit(credentials: Credentials, address: string): Promise<Verdict> {
    const { own, access, judge } = this.#security;
    const name = nameOf(credentials);
    if (credentials.mechanism !== own.mechanism || this.isRevoked(name)) return 'refused';
    const isKnown = access.of(name) === 'authorized';
    if (!isKnown && (await judge(credentials, address)) !== true) return 'refused';
    // It may have been revoked while the judge thought about it.
    return this.isRevoked(name) ? 'refused' : 'admitted';
  }

  isRevoked(name: string): boolean {
    return this.#security.access.of(name) === 'revoked';
  }

  authorize(name: string): void {
    const { own, access } = this.#security;
    // With PLAIN a name alone is not enough: it takes the password, which the judge knows.
    if (own.mechanism === 'plain') access.pardon(name);
    else access.authorize(canonicalName(own.mechanism, name));
    for (const listener of this.#listeners) listener.onAuthorized();
  }

  /** Its connections end, and it makes no more. */
  revoke(given: string): void {
    const { own, access } = this.#security;
    const name = canonicalName(own.mechanism, given);
    access.revoke(name);
    for (const listener of this.#listeners) listener.onRevoked(name);
  }
}
