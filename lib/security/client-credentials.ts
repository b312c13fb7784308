import type { SecureContext } from 'node:tls';
import { sharedSecret } from './curve-keys.js';
import { NONCE_BYTES, seal, secretOf } from './seal.js';
import type {
  OwnCertificate,
  ServerIdentityCheck,
  TlsClientCredentials,
} from './tls-credentials.js';

/** What a client shows to servers. */
export type ClientSecurity =
  | {
      readonly mechanism: 'curve';
      readonly publicKey: string;
      readonly secretKey: string;
      /** Undefined for a server whose key is not known. */
      readonly serverKey: (endpoint: string) => string | undefined;
    }
  | { readonly mechanism: 'plain'; readonly username: string; readonly password: string }
  | TlsClientCredentials;

type CurveSecurity = Extract<ClientSecurity, { mechanism: 'curve' }>;

/** What it shows to one of them, over one connection. */
export type ConnectionCredentials =
  | {
      readonly mechanism: 'curve';
      readonly publicKey: string;
      readonly secretKey: string;
      readonly serverKey: string;
      readonly routingId: string;
    }
  | {
      readonly mechanism: 'plain';
      readonly username: string;
      readonly password: string;
      readonly routingId: string;
    }
  | TlsConnectionCredentials;

/** TLS is below ZMTP, whose mechanism is then NULL: the certificate says whose a connection is, and no routing id has to. */
export interface TlsConnectionCredentials {
  readonly mechanism: 'tls';
  readonly context: SecureContext;
  /** The name that the server's certificate must have, if it is not that of the host. */
  readonly serverName: string | undefined;
  readonly checkServerIdentity: ServerIdentityCheck | undefined;
}

/** Makes, for every connection, its credentials and the sealed routing id that says whose it is. */
export class ClientCredentials {
  readonly #security: ClientSecurity;
  readonly #serverKeys = new Map<string, string>();
  readonly #randomBytes: (length: number) => Buffer;

  constructor(security: ClientSecurity, randomBytes: (length: number) => Buffer) {
    this.#security = security;
    this.#randomBytes = randomBytes;
  }

  get mechanism(): ClientSecurity['mechanism'] {
    return this.#security.mechanism;
  }

  /** Whom a server has to authorize. Empty of a client that shows no certificate. */
  get name(): string {
    const security = this.#security;
    switch (security.mechanism) {
      case 'curve':
        return security.publicKey;
      case 'plain':
        return security.username;
      case 'tls':
        return security.certificate?.fingerprint256 ?? '';
    }
  }

  /** With TLS, what the client shows. */
  get certificate(): OwnCertificate | undefined {
    return this.#security.mechanism === 'tls' ? this.#security.certificate : undefined;
  }

  /** The key of one server, whatever the option says. */
  setServerKey(endpoint: string, key: string): void {
    this.#serverKeys.set(endpoint, key);
  }

  /** Whether there is all that it takes to connect there. */
  hasKeyOf(endpoint: string): boolean {
    const security = this.#security;
    return security.mechanism !== 'curve' || this.#keyOf(endpoint, security) !== undefined;
  }

  #keyOf(endpoint: string, { serverKey }: CurveSecurity): string | undefined {
    return this.#serverKeys.get(endpoint) ?? serverKey(endpoint);
  }

  /** @throws if there is no key of that server, or none that a server can have */
  for(endpoint: string): ConnectionCredentials {
    const security = this.#security;
    if (security.mechanism === 'tls') {
      const { mechanism, context, serverName, checkServerIdentity } = security;
      return { mechanism, context, serverName: serverName(endpoint), checkServerIdentity };
    }
    const nonce = this.#randomBytes(NONCE_BYTES);
    if (security.mechanism === 'plain') {
      const { username, password } = security;
      const routingId = seal('plain', username, nonce, secretOf(password));
      return { mechanism: 'plain', username, password, routingId };
    }
    const { publicKey, secretKey } = security;
    const serverKey = this.#keyOf(endpoint, security);
    const secret = serverKey && sharedSecret(secretKey, serverKey);
    if (!serverKey || !secret) throw new Error(`security.serverKey has no key of ${endpoint}`);
    const routingId = seal('curve', publicKey, nonce, secret);
    return { mechanism: 'curve', publicKey, secretKey, serverKey, routingId };
  }
}
