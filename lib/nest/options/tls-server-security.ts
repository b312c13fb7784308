import { Access } from '../../security/access.js';
import {
  canonicalFingerprint,
  type FreelanceCertificate,
  isFingerprint,
} from '../../security/certificate.js';
import type { ServerSecurity } from '../../security/doorkeeper.js';
import type { TlsServerCredentials } from '../../security/tls-credentials.js';
import { outlineOf } from './curve-options.js';
import type { OptionReader } from './option-reader.js';
import { readTlsMaterial, TLS_MATERIAL } from './tls-material.js';

/**
 * TLS 1.2 and 1.3, for those who have a public key infrastructure: certificates of X.509. The addresses begin with
 * `tls://`, and the engine is `node`.
 */
export interface TlsServerSecurity {
  /** Always `tls`. */
  mechanism: 'tls';
  /** The server's certificate, and behind it those between it and its authority. PEM, not the path of a file. */
  cert: string | Buffer;
  /** The private key that belongs to it. PEM. */
  key: string | Buffer;
  /** What `key` is encrypted with. @default none: it is not */
  passphrase?: string | undefined;
  /**
   * The authorities whose certificates clients must have. PEM; one or several. Never give one whose certificates anybody
   * can get, such as Let's Encrypt. @default none: see `authorizedClients`
   */
  ca?: string | Buffer | readonly (string | Buffer)[] | undefined;
  /**
   * Which of their certificates they have revoked. PEM; of each authority in `ca` there must be a list that has not expired.
   * @default none is looked at
   */
  crl?: string | Buffer | readonly (string | Buffer)[] | undefined;
  /**
   * Which clients may connect.
   *
   * - `'any'`, with `ca`: all that have a certificate of theirs.
   * - `'any'`, without: everybody. Clients are asked for no certificate: the connection is encrypted, and a client is sure of
   *   its server, but nobody is kept out, and nobody known: the members of `ctx.getPeer()` are undefined.
   * - A list of fingerprints (SHA-256, as `openssl x509 -noout -fingerprint -sha256` prints them): those certificates, as long
   *   as they are valid. With `ca` they must be theirs; without, it does not matter who issued them: they may be self-signed.
   * - A function that says it, of clients that have a certificate of `ca`, which must be there. One that throws, or takes more
   *   than 4 s, refuses for now, and is logged.
   *
   * The list may be changed by `server.authorize` and `server.revoke`, which take fingerprints.
   */
  authorizedClients: 'any' | readonly string[] | TlsAuthorizer;
  /** The oldest version of TLS that is spoken. @default TLSv1.2 */
  minVersion?: 'TLSv1.2' | 'TLSv1.3' | undefined;
  /** Cipher suites, as Node's `tls.createSecureContext` takes them. @default those of Node */
  ciphers?: string | undefined;
}

/**
 * Whether a client may connect.
 *
 * @param certificate the client's, which one of the server's authorities has issued
 * @param address its IP address
 */
export type TlsAuthorizer = (
  certificate: FreelanceCertificate,
  address: string,
) => boolean | Promise<boolean>;

/** @throws FreelanceError `BAD_OPTIONS` */
export function readTlsServer(
  read: OptionReader<TlsServerSecurity>,
  given: TlsServerSecurity,
): ServerSecurity {
  const { authorizedClients: clients } = given;
  const listed = Array.isArray(clients) ? readFingerprints(read, clients) : undefined;
  if (clients !== 'any' && !listed && typeof clients !== 'function') {
    const must = "must be a list of fingerprints, a function, or 'any'";
    throw read.bad('authorizedClients', must, clients);
  }
  if (typeof clients === 'function' && given.ca === undefined) {
    throw read.secret(
      'ca',
      'must be there if authorizedClients is a function: without, all that a certificate says is the word of its owner',
    );
  }
  if (given.cert === undefined) throw read.bad('cert', 'must be there', given.cert);
  const { options } = readTlsMaterial(read, given);
  return {
    own: { mechanism: 'tls', context: () => options, demands: demandsOf(given) },
    access: new Access(listed),
    judge: (credentials, address) =>
      credentials.mechanism === 'tls' &&
      (clients === 'any' ||
        (typeof clients === 'function' && clients(credentials.certificate, address))),
    allowAnonymous: demandsOf(given) === 'nothing',
  };
}

export const TLS_SERVER = [
  'mechanism',
  ...TLS_MATERIAL,
  'authorizedClients',
] as const satisfies readonly (keyof TlsServerSecurity)[];

function demandsOf({ ca, authorizedClients }: TlsServerSecurity): TlsServerCredentials['demands'] {
  if (ca !== undefined) return 'trusted certificate';
  return authorizedClients === 'any' ? 'nothing' : 'certificate';
}

function readFingerprints(
  read: OptionReader<TlsServerSecurity>,
  list: readonly unknown[],
): readonly string[] {
  const wrong = list.findIndex((one) => !isFingerprint(one));
  if (wrong < 0) return list.map((one) => canonicalFingerprint(String(one)));
  // It may be a private key that somebody has taken for a fingerprint: it is not shown.
  throw read.secret(
    'authorizedClients',
    'must be fingerprints: the SHA-256 of each certificate, in 64 hexadecimal digits, but no. ' +
      `${wrong + 1} is ${outlineOf(list[wrong])}`,
  );
}
