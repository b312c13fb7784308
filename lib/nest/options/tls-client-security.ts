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
   * The certificate authorities of servers, one or several; a self-signed certificate is its own authority. PEM.
   * @default those of Node: the public ones, and `NODE_EXTRA_CA_CERTS`
   */
  ca?: string | Buffer | readonly (string | Buffer)[] | undefined;
  /**
   * The certificate revocation lists of these authorities. PEM. Each authority in `ca` needs one that has not expired.
   * @default none: revocation is not checked
   */
  crl?: string | Buffer | readonly (string | Buffer)[] | undefined;
  /**
   * The client's certificate, followed by its intermediate certificates. PEM, not a path.
   * @default none, for servers that ask for none
   */
  cert?: string | Buffer | undefined;
  /** The private key of `cert`. PEM. */
  key?: string | Buffer | undefined;
  /** The passphrase of `key`. @default none: the key is not encrypted */
  passphrase?: string | undefined;
  /**
   * The host name or IP address in the servers' certificates; or that of each server, by its address as in `endpoints`. A
   * name is also sent to the server (SNI). @default the host of the server's address
   */
  servername?: string | Readonly<Record<string, string>> | undefined;
  /**
   * Checks that a certificate issued by an authority in `ca` belongs to the intended server, in the place of Node's
   * `tls.checkServerIdentity`, which compares host names: for certificates with other names, such as SPIFFE's. The server is
   * refused if it throws, or returns anything but undefined.
   */
  checkServerIdentity?: ServerIdentityCheck | undefined;
  /** The lowest version of TLS to accept. @default TLSv1.2 */
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
