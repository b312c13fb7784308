import type { SecureContext } from 'node:tls';
import { sharedSecret } from './curve-keys.js';
import { NONCE_BYTES, seal, secretOf } from './seal.js';
import type {
  OwnCertificate,
  ServerIdentityCheck,
  TlsClientCredentials,
} from './tls-credentials.js';

/** The credentials of a client. */
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

/** What a client presents to one server, over one connection. */
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

/** TLS is below ZMTP, whose mechanism is then NULL: the certificate identifies the client, and no routing id has to. */
export interface TlsConnectionCredentials {
  readonly mechanism: 'tls';
  readonly context: SecureContext;
  /** The name that the server's certificate must have, if not that of the host. */
  readonly serverName: string | undefined;
  readonly checkServerIdentity: ServerIdentityCheck | undefined;
}

/** Makes the credentials of each connection, and the sealed routing id that proves whose it is. */
export class ClientCredentials {
  readonly #security: ClientSecurity;
  readonly #serverKeys = new Map<string, string>();
  readonly #randomBytes: (length: number) => Buffer;
  #certificateNames: ReadonlyMap<string, string | undefined> = new Map();

  constructor(security: ClientSecurity, randomBytes: (length: number) => Buffer) {
    this.#security = security;
    this.#randomBytes = randomBytes;
  }

  get mechanism(): ClientSecurity['mechanism'] {
    return this.#security.mechanism;
  }

  /** The name that a server has to authorize. Empty if the client shows no certificate. */
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

  /** With TLS, the client's own certificate. */
  get certificate(): OwnCertificate | undefined {
    return this.#security.mechanism === 'tls' ? this.#security.certificate : undefined;
  }

  /** Sets the key of one server, which takes precedence over the option. */
  setServerKey(endpoint: string, key: string): void {
    this.#serverKeys.set(endpoint, key);
  }

  /** With TLS, the names by which servers were found, by endpoint. The option `servername` takes precedence. */
  setCertificateNames(names: ReadonlyMap<string, string | undefined>): void {
    this.#certificateNames = names;
  }

  /** Whether everything is known that a connection to that endpoint needs. */
  hasKeyOf(endpoint: string): boolean {
    const security = this.#security;
    return security.mechanism !== 'curve' || this.#keyOf(endpoint, security) !== undefined;
  }

  #keyOf(endpoint: string, { serverKey }: CurveSecurity): string | undefined {
    return this.#serverKeys.get(endpoint) ?? serverKey(endpoint);
  }

  /** @throws if the key of that server is missing or invalid */
  for(endpoint: string): ConnectionCredentials {
    const security = this.#security;
    if (security.mechanism === 'tls') {
      const { mechanism, context, serverName, checkServerIdentity } = security;
      const name = serverName(endpoint) ?? this.#certificateNames.get(endpoint);
      return { mechanism, context, serverName: name, checkServerIdentity };
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
