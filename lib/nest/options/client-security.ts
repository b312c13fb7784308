import { isCurveKey } from '../../security/curve-keys.js';
import type { ClientSecurity } from '../../security/client-credentials.js';
import { LONGEST_NAME_BYTES } from '../../security/seal.js';
import { readEndpoint } from './addresses.js';
import { outlineOf, readKeyPair } from './curve-options.js';
import type { OptionReader } from './option-reader.js';
import { readTlsClient, TLS_CLIENT, type TlsClientSecurity } from './tls-client-security.js';

/** What a client shows to servers: the same mechanism as they have in their `security`. */
export type FreelanceClientSecurity = CurveClientSecurity | PlainClientSecurity | TlsClientSecurity;

/** CurveZMQ: encryption, and public keys for both sides. Source: RFC 26 of ZeroMQ. */
export interface CurveClientSecurity {
  /** Always `curve`. */
  mechanism: 'curve';
  /** The client's own public key, 40 characters of Z85: the servers have it in `authorizedClients`. */
  publicKey: string;
  /** The secret key that belongs to it. `npx nestjs-freelance keygen` prints a pair. */
  secretKey: string;
  /** The public key of the servers; or of each, by its address as it is in `endpoints`. */
  serverKey: string | Readonly<Record<string, string>>;
}

/** PLAIN: a name and a password, which everybody can read who can listen. Source: RFC 24 of ZeroMQ. */
export interface PlainClientSecurity {
  /** Always `plain`. */
  mechanism: 'plain';
  /** Of at most 186 bytes. */
  username: string;
  /** Of at most 255 bytes. */
  password: string;
}

/** @throws FreelanceError `BAD_OPTIONS` */
export function readClientSecurity<
  Options extends { security?: FreelanceClientSecurity | undefined },
>(
  options: OptionReader<Options>,
  given: FreelanceClientSecurity | undefined,
  endpoints: readonly string[],
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

function readCurve(
  read: OptionReader<CurveClientSecurity>,
  given: CurveClientSecurity,
  endpoints: readonly string[],
): ClientSecurity {
  const serverKey = serverKeysOf(given);
  const wrong = endpoints.find((endpoint) => !isCurveKey(serverKey(endpoint)));
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
  const keys = new Map(
    Object.entries(serverKey).map(([given, key]) => {
      const read = readEndpoint(given);
      return ['address' in read ? read.address : given, key];
    }),
  );
  return (endpoint) => keys.get(endpoint);
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
