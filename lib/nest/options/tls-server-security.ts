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

/** TLS 1.2 and 1.3 with X.509 certificates. Addresses begin with `tls://`, and the engine is `node`. */
export interface TlsServerSecurity {
  /** Always `tls`. */
  mechanism: 'tls';
  /** The server's certificate, followed by its intermediate certificates. PEM, not a path. */
  cert: string | Buffer;
  /** The private key of `cert`. PEM. */
  key: string | Buffer;
  /** The passphrase of `key`. @default none: the key is not encrypted */
  passphrase?: string | undefined;
  /**
   * The certificate authorities of clients, one or several. PEM. Never a public authority such as Let's Encrypt, from which
   * anybody can get a certificate. @default none: see `authorizedClients`
   */
  ca?: string | Buffer | readonly (string | Buffer)[] | undefined;
  /**
   * The certificate revocation lists of these authorities. PEM. Each authority in `ca` needs one that has not expired.
   * @default none: revocation is not checked
   */
  crl?: string | Buffer | readonly (string | Buffer)[] | undefined;
  /**
   * Which clients may connect.
   *
   * - `'any'` with `ca`: every client with a certificate that an authority in `ca` has issued.
   * - `'any'` without `ca`: everybody. Clients are asked for no certificate: connections are encrypted and the server is
   *   authenticated, but nobody is kept out or known, and the members of `ctx.getPeer()` are undefined.
   * - A list of fingerprints (SHA-256, as `openssl x509 -noout -fingerprint -sha256` prints them): these certificates, while
   *   they are valid. With `ca` an authority in it must have issued them; without, they may be self-signed.
   * - A function that decides, for clients with a certificate of an authority in `ca`, which is required. If it throws, or
   *   takes more than 4 s, the client is refused for now, and the error logged.
   *
   * `server.authorize` and `server.revoke` change the list at run time; they take fingerprints.
   */
  authorizedClients: 'any' | readonly string[] | TlsAuthorizer;
  /** The lowest version of TLS to accept. @default TLSv1.2 */
  minVersion?: 'TLSv1.2' | 'TLSv1.3' | undefined;
  /** Cipher suites, as Node's `tls.createSecureContext` takes them. @default those of Node */
  ciphers?: string | undefined;
}

/**
 * Decides whether a client may connect: only with `true`, or a promise of it. If it throws, rejects, or takes 4 s, that is logged,
 * and the client may try again.
 *
 * @param certificate the client's certificate, issued by an authority in `ca`
 * @param address the client's IP address
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
  // It is not shown: it may be a private key, given by mistake.
  throw read.secret(
    'authorizedClients',
    'must be fingerprints: the SHA-256 of each certificate, in 64 hexadecimal digits, but no. ' +
      `${wrong + 1} is ${outlineOf(list[wrong])}`,
  );
}
