import { isCurveKey } from '../../security/curve-keys.js';
import type { ClientCredentials, ClientSecurity } from '../../security/client-credentials.js';
import { LONGEST_NAME_BYTES } from '../../security/seal.js';
import { misfitOf, readEndpoint } from './addresses.js';
import { outlineOf, readKeyPair } from './curve-options.js';
import type { OptionReader } from './option-reader.js';
import { readTlsClient, TLS_CLIENT, type TlsClientSecurity } from './tls-client-security.js';

/** The credentials of a client. The mechanism must be that of the servers' `security`. */
export type FreelanceClientSecurity = CurveClientSecurity | PlainClientSecurity | TlsClientSecurity;

/** CurveZMQ: encryption, and a key pair for both sides. Source: RFC 26 of ZeroMQ. */
export interface CurveClientSecurity {
  /** Always `curve`. */
  mechanism: 'curve';
  /** The client's public key, 40 characters of Z85, which the servers have in `authorizedClients`. */
  publicKey: string;
  /** The secret key that belongs to it. `npx nestjs-freelance keygen` prints a pair. */
  secretKey: string;
  /** The public key of all servers, or of each server by its address as in `endpoints`. */
  serverKey: string | Readonly<Record<string, string>>;
}

/** PLAIN: a username and a password, readable by everybody who can listen to the network. Source: RFC 24 of ZeroMQ. */
export interface PlainClientSecurity {
  /** Always `plain`. */
  mechanism: 'plain';
  /** From 1 to 186 bytes. */
  username: string;
  /** From 1 to 255 bytes. */
  password: string;
}

/**
 * @param endpoints undefined if a discovery names them later
 * @throws FreelanceError `BAD_OPTIONS`
 */
export function readClientSecurity<
  Options extends { security?: FreelanceClientSecurity | undefined },
>(
  options: OptionReader<Options>,
  given: FreelanceClientSecurity | undefined,
  endpoints: readonly string[] | undefined,
): ClientSecurity | undefined {
  if (given === undefined) return undefined;
  const mechanism: unknown = given?.mechanism;
  if (mechanism === 'curve') {
    const known = ['mechanism', 'publicKey', 'secretKey', 'serverKey'] as const;
    return readCurve(options.secrets('security', known), given as CurveClientSecurity, endpoints);
  }
  if (mechanism === 'plain') {
    const known = ['mechanism', 'username', 'password'] as const;
    return readPlain(options.secrets('security', known), given as PlainClientSecurity);
  }
  if (mechanism === 'tls') {
    return readTlsClient(options.secrets('security', TLS_CLIENT), given as TlsClientSecurity);
  }
  throw options.secret('security', "must have the mechanism 'curve', 'plain' or 'tls'");
}

/** What is wrong with a server key, or its absence, for an endpoint that is added at run time; undefined if nothing. */
export function wrongServerKey(
  endpoint: string,
  serverKey: string | undefined,
  credentials: ClientCredentials | undefined,
): string | undefined {
  const mechanism = credentials?.mechanism;
  const must = misfitOf(endpoint, mechanism);
  if (must !== undefined) return `it ${must}`;
  if (serverKey !== undefined) {
    if (mechanism === undefined) return 'a server key is for clients that have the option security';
    if (mechanism === 'tls') return 'a server key is for clients with CURVE, and this one has TLS';
    return isCurveKey(serverKey) ? undefined : 'serverKey must be a key of 40 characters';
  }
  return !credentials || credentials.hasKeyOf(endpoint)
    ? undefined
    : 'security.serverKey has no key for it, and none was given';
}

function readCurve(
  read: OptionReader<CurveClientSecurity>,
  given: CurveClientSecurity,
  endpoints: readonly string[] | undefined,
): ClientSecurity {
  const serverKey = serverKeysOf(given);
  const wrong = (endpoints ?? endpointsOf(given)).find(
    (endpoint) => !isCurveKey(serverKey(endpoint)),
  );
  if (wrong !== undefined) {
    const is = outlineOf(serverKey(wrong));
    throw read.secret(
      'serverKey',
      `must be a key of 40 characters for each server, but for ${wrong} it is ${is}`,
    );
  }
  return { mechanism: 'curve', ...readKeyPair(read, given), serverKey };
}

function serverKeysOf({
  serverKey,
}: CurveClientSecurity): (endpoint: string) => string | undefined {
  if (typeof serverKey !== 'object' || serverKey === null) return () => serverKey;
  const keys = new Map(Object.entries(serverKey).map(([given, key]) => [addressOf(given), key]));
  return (endpoint) => keys.get(endpoint);
}

/** Those that it has keys for, or any one if it has the same key for all. */
function endpointsOf({ serverKey }: CurveClientSecurity): readonly string[] {
  return typeof serverKey === 'object' && serverKey !== null
    ? Object.keys(serverKey).map(addressOf)
    : ['any server'];
}

function addressOf(given: string): string {
  const read = readEndpoint(given);
  return 'address' in read ? read.address : given;
}

function readPlain(
  read: OptionReader<PlainClientSecurity>,
  { username, password }: PlainClientSecurity,
): ClientSecurity {
  if (!isShortText(username, LONGEST_NAME_BYTES)) {
    throw read.bad('username', `must be text of 1 to ${LONGEST_NAME_BYTES} bytes`, username);
  }
  // Source: ZMQ_PLAIN_PASSWORD, RFC 24: a length of one byte.
  if (!isShortText(password, 255)) throw read.secret('password', 'must be text of 1 to 255 bytes');
  return { mechanism: 'plain', username, password };
}

function isShortText(text: unknown, mostBytes: number): text is string {
  return typeof text === 'string' && text !== '' && Buffer.byteLength(text) <= mostBytes;
}
