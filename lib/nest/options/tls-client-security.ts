import type { ClientSecurity } from '../../security/client-credentials.js';
import type { ServerIdentityCheck } from '../../security/tls-credentials.js';
import { isHost, readEndpoint } from './addresses.js';
import type { OptionReader } from './option-reader.js';
import { readTlsMaterial, TLS_MATERIAL } from './tls-material.js';

/**
 * TLS 1.2 and 1.3, for those who have a public key infrastructure: certificates of X.509. The addresses begin with
 * `tls://`, and the engine is `node`. A server is always checked: its certificate must be of an authority in `ca`, valid,
 * and of the name that it was called by.
 */
export interface TlsClientSecurity {
  /** Always `tls`. */
  mechanism: 'tls';
  /**
   * The authorities whose certificates servers may have; a server's self-signed certificate is its own authority. PEM; one
   * or several. @default those of Node: the public ones, and `NODE_EXTRA_CA_CERTS`
   */
  ca?: string | Buffer | readonly (string | Buffer)[] | undefined;
  /**
   * Which of their certificates they have revoked. PEM; of each authority in `ca` there must be a list that has not expired.
   * @default none is looked at
   */
  crl?: string | Buffer | readonly (string | Buffer)[] | undefined;
  /**
   * The client's own certificate, and behind it those between it and its authority. PEM, not the path of a file.
   * @default none, for servers that ask for none
   */
  cert?: string | Buffer | undefined;
  /** The private key that belongs to it. PEM. */
  key?: string | Buffer | undefined;
  /** What `key` is encrypted with. @default none: it is not */
  passphrase?: string | undefined;
  /**
   * The name, or the IP address, that the servers' certificates have; or that of each, by its address as it is in
   * `endpoints`. A server is told a name (SNI). @default the host of its address
   */
  servername?: string | Readonly<Record<string, string>> | undefined;
  /**
   * Whether a certificate of an authority in `ca` is that of the server that was meant, instead of Node's
   * `tls.checkServerIdentity`, which compares the name with those in the certificate. For those whose certificates have
   * other names, as SPIFFE has. What it throws, and what it returns but undefined, refuses the server.
   */
  checkServerIdentity?: ServerIdentityCheck | undefined;
  /** The oldest version of TLS that is spoken. @default TLSv1.2 */
  minVersion?: 'TLSv1.2' | 'TLSv1.3' | undefined;
  /** Cipher suites, as Node's `tls.createSecureContext` takes them. @default those of Node */
  ciphers?: string | undefined;
}

export const TLS_CLIENT = [
  'mechanism',
  ...TLS_MATERIAL,
  'servername',
  'checkServerIdentity',
] as const satisfies readonly (keyof TlsClientSecurity)[];

/** @throws FreelanceError `BAD_OPTIONS` */
export function readTlsClient(
  read: OptionReader<TlsClientSecurity>,
  given: TlsClientSecurity,
): ClientSecurity {
  const { checkServerIdentity } = given;
  if (checkServerIdentity !== undefined && typeof checkServerIdentity !== 'function') {
    throw read.bad('checkServerIdentity', 'must be a function', checkServerIdentity);
  }
  const serverName = readServerNames(read, given);
  const { context, certificate } = readTlsMaterial(read, given);
  return { mechanism: 'tls', context, certificate, serverName, checkServerIdentity };
}

function readServerNames(
  read: OptionReader<TlsClientSecurity>,
  { servername }: TlsClientSecurity,
): (endpoint: string) => string | undefined {
  if (servername === undefined) return () => undefined;
  if (typeof servername === 'string') {
    checkName(read, servername);
    return () => servername;
  }
  if (typeof servername !== 'object' || servername === null) {
    throw read.bad('servername', 'must be a name, or names by endpoint', servername);
  }
  const names = new Map(
    Object.entries(servername).map(([endpoint, name]) => {
      const address = readEndpoint(endpoint);
      checkName(read, name);
      return ['address' in address ? address.address : endpoint, name];
    }),
  );
  return (endpoint) => names.get(endpoint);
}

function checkName(read: OptionReader<TlsClientSecurity>, name: unknown): void {
  if (typeof name === 'string' && isHost(name)) return;
  throw read.bad('servername', 'must be the name of a host, or an IP address', name);
}
