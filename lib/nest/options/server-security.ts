import { createHash, timingSafeEqual } from 'node:crypto';
import { Access } from '../../security/access.js';
import { canonicalKey, isCurveKey } from '../../security/curve-keys.js';
import type { ServerSecurity } from '../../security/doorkeeper.js';
import { LONGEST_NAME_BYTES } from '../../security/seal.js';
import { outlineOf, readKeyPair } from './curve-options.js';
import type { OptionReader } from './option-reader.js';
import { readTlsServer, TLS_SERVER, type TlsServerSecurity } from './tls-server-security.js';

/**
 * How a server authenticates its clients, and which may call it.
 *
 * - `curve`: every client has a key pair. Connections are encrypted, and both sides are authenticated.
 * - `plain`: every client has a username and a password. Nothing is encrypted: whoever can listen to the network reads them
 *   and every call. The server is not authenticated.
 * - `tls`: the server has a certificate, and so has every client if the server asks for one. Connections are encrypted.
 */
export type FreelanceServerSecurity = CurveServerSecurity | PlainServerSecurity | TlsServerSecurity;

/** CurveZMQ: encryption, and a key pair for both sides. Source: RFC 26 of ZeroMQ. */
export interface CurveServerSecurity {
  /** Always `curve`. */
  mechanism: 'curve';
  /** The server's public key, 40 characters of Z85, which its clients have as `serverKey`. */
  publicKey: string;
  /** The secret key that belongs to it. `npx nestjs-freelance keygen` prints a pair. */
  secretKey: string;
  /**
   * Which clients may connect: their public keys, or a function that decides. If it throws, or takes more than 4 s, the
   * client is refused for now, and the error logged. `'any'` lets everybody in: connections are encrypted, but nobody is kept
   * out. `server.authorize` and `server.revoke` change the list at run time.
   */
  authorizedClients: 'any' | readonly string[] | CurveAuthorizer;
  /**
   * Whether to serve anonymous clients, which do not say which key is theirs: ZeroMQ programs other than this library that
   * set no sealed routing id (PROTOCOL.md, "Security"). Handlers cannot tell them apart, and revoking a key ends only those
   * of its connections that the server has heard from.
   *
   * @default false, but true if `authorizedClients` is 'any'
   */
  allowAnonymous?: boolean | undefined;
}

/** PLAIN: usernames and passwords, readable by everybody who can listen to the network. Source: RFC 24 of ZeroMQ. */
export interface PlainServerSecurity {
  /** Always `plain`. */
  mechanism: 'plain';
  /** Passwords by username, or a function that decides, as `authorizedClients` of CURVE. */
  authorizedUsers: Readonly<Record<string, string>> | PlainAuthorizer;
  /** As with CURVE. @default false */
  allowAnonymous?: boolean | undefined;
}

/**
 * Decides whether a client may connect: only with `true`, or a promise of it. If it throws, rejects, or takes 4 s, that is logged,
 * and the client may try again.
 *
 * @param publicKey the client's public key; it has proved that it owns the secret key
 * @param address the client's IP address; empty over `ipc://`
 */
export type CurveAuthorizer = (publicKey: string, address: string) => boolean | Promise<boolean>;

/**
 * Decides whether a client may connect: only with `true`, or a promise of it. If it throws, rejects, or takes 4 s, that is logged,
 * and the client may try again.
 *
 * @param username as the client gives it
 * @param password as the client gives it
 * @param address the client's IP address; empty over `ipc://`
 */
export type PlainAuthorizer = (
  username: string,
  password: string,
  address: string,
) => boolean | Promise<boolean>;

/** @throws FreelanceError `BAD_OPTIONS` */
export function readServerSecurity<
  Options extends { security?: FreelanceServerSecurity | undefined },
>(
  options: OptionReader<Options>,
  given: FreelanceServerSecurity | undefined,
): ServerSecurity | undefined {
  if (given === undefined) return undefined;
  const mechanism: unknown = given?.mechanism;
  if (mechanism === 'curve') {
    return readCurve(
      options.secrets('security', [
        'mechanism',
        'publicKey',
        'secretKey',
        'authorizedClients',
        'allowAnonymous',
      ]),
      given as CurveServerSecurity,
    );
  }
  if (mechanism === 'plain') {
    return readPlain(
      options.secrets('security', ['mechanism', 'authorizedUsers', 'allowAnonymous']),
      given as PlainServerSecurity,
    );
  }
  if (mechanism === 'tls') {
    return readTlsServer(options.secrets('security', TLS_SERVER), given as TlsServerSecurity);
  }
  throw options.secret('security', "must have the mechanism 'curve', 'plain' or 'tls'");
}

/** Whether a server serves only clients that its user names or judges one by one. @param security valid options */
export function namesItsClients(security: FreelanceServerSecurity | undefined): boolean {
  switch (security?.mechanism) {
    case 'curve':
      return security.authorizedClients !== 'any' && security.allowAnonymous !== true;
    case 'plain':
      return security.allowAnonymous !== true;
    case 'tls':
      return security.authorizedClients !== 'any';
    default:
      return false;
  }
}

function readCurve(
  read: OptionReader<CurveServerSecurity>,
  given: CurveServerSecurity,
): ServerSecurity {
  const { authorizedClients: clients } = given;
  const isList = Array.isArray(clients);
  if (clients !== 'any' && !isList && typeof clients !== 'function') {
    const must = "must be a list of public keys, a function, or 'any' to let everybody in";
    throw read.bad('authorizedClients', must, clients);
  }
  const listed: readonly unknown[] = isList ? clients : [];
  const wrong = listed.findIndex((key) => !isCurveKey(key));
  if (wrong >= 0) {
    // It is not shown: it may be a mistyped secret key.
    throw read.secret(
      'authorizedClients',
      `must be keys of 40 characters, but no. ${wrong + 1} is ${outlineOf(listed[wrong])}`,
    );
  }
  const own = readKeyPair(read, given);
  if (isList && clients.includes(own.secretKey)) {
    throw read.secret(
      'authorizedClients',
      "must be the clients' public keys, but the server's own secretKey is among them",
    );
  }
  return {
    own: { mechanism: 'curve', ...own },
    access: new Access(isList ? clients.map(canonicalKey) : []),
    judge: (credentials, address) =>
      credentials.mechanism === 'curve' &&
      (clients === 'any' ||
        (typeof clients === 'function' && clients(credentials.publicKey, address))),
    allowAnonymous: read.flag('allowAnonymous', clients === 'any'),
  };
}

function readPlain(
  read: OptionReader<PlainServerSecurity>,
  { authorizedUsers: users }: PlainServerSecurity,
): ServerSecurity {
  const judge = typeof users === 'function' ? users : passwordsOf(read, users);
  return {
    own: { mechanism: 'plain' },
    access: new Access(),
    judge: (credentials, address) =>
      credentials.mechanism === 'plain' &&
      judge(credentials.username, credentials.password, address),
    allowAnonymous: read.flag('allowAnonymous', false),
  };
}

function passwordsOf(
  read: OptionReader<PlainServerSecurity>,
  users: Readonly<Record<string, string>>,
): PlainAuthorizer {
  const entries: [string, unknown][] =
    typeof users === 'object' && users ? Object.entries(users) : [];
  if (entries.length === 0 || !entries.every(([name, password]) => isUser(name, password))) {
    const most = `names of at most ${LONGEST_NAME_BYTES} bytes`;
    throw read.secret(
      'authorizedUsers',
      `must be a function, or passwords by username, with ${most}`,
    );
  }
  const hashes = new Map(entries.map(([name, password]) => [name, hashOf(String(password))]));
  return (username, password) => {
    // Who does not exist takes as long as who has another password.
    const expected = hashes.get(username);
    return timingSafeEqual(hashOf(password), expected ?? NOBODY) && expected !== undefined;
  };
}

function isUser(name: string, password: unknown): boolean {
  const isName = name !== '' && Buffer.byteLength(name) <= LONGEST_NAME_BYTES;
  return isName && typeof password === 'string' && password !== '';
}

function hashOf(password: string): Buffer {
  return createHash('sha256').update(password).digest();
}

const NOBODY = hashOf('');
