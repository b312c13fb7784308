import { createHash, createHmac, timingSafeEqual } from 'node:crypto';
import { exactText } from './exact-text.js';

/**
 * A routing id that proves whose a connection is.
 *
 * ZeroMQ authenticates connections, but zeromq.js does not report which connection a message came by: a ROUTER gives the routing
 * id of the sender only, and libzmq does not ask ZAP about that. So a client's routing id consists of its name, a nonce, and a
 * code over both, made with a secret that only the client and the server have. Other clients can neither make such an id nor
 * read one, since it travels in an encrypted connection.
 *
 * ```
 * "FL1"  "C" or "P"  nonce (22 characters)  code (43)  name
 * ```
 *
 * Nonce and code are base64url. The code is the HMAC-SHA256 of everything else. Whoever has a seal can pose as its owner, so it
 * is never shown to anybody.
 */
export interface Seal {
  readonly mechanism: Mechanism;
  /** The public key in Z85, or the username. */
  readonly name: string;
  readonly nonce: string;
  readonly code: Buffer;
}

export type Mechanism = 'curve' | 'plain';

/** The random bytes that distinguish the connections of a client. */
export const NONCE_BYTES = 16;

/** What remains for a name: ZeroMQ's routing ids have at most 255 bytes. */
export const LONGEST_NAME_BYTES = 255 - 69;

const LETTERS: Record<Mechanism, string> = { curve: 'C', plain: 'P' };

const SEALED = /^FL1([CP])([\w-]{22})([\w-]{43})(.+)$/su;

/** Makes the routing id of one connection. */
export function seal(mechanism: Mechanism, name: string, nonce: Buffer, secret: Buffer): string {
  const text = nonce.toString('base64url');
  const code = codeOf({ mechanism, name, nonce: text }, secret).toString('base64url');
  return `FL1${LETTERS[mechanism]}${text}${code}${name}`;
}

/**
 * Parses a routing id; undefined if it is no seal. Only canonical base64url is accepted: otherwise several routing ids would be
 * the same seal.
 */
export function readSeal(routingId: Buffer): Seal | undefined {
  const [, letter, nonce, code, name] = SEALED.exec(exactText(routingId) ?? '') ?? [];
  if (!letter || !nonce || !code || !name) return undefined;
  if (!isCanonical(nonce) || !isCanonical(code)) return undefined;
  const mechanism = letter === LETTERS.curve ? 'curve' : 'plain';
  return { mechanism, name, nonce, code: Buffer.from(code, 'base64url') };
}

/** Whether the seal was made with that secret. */
export function isGenuine(claim: Seal, secret: Buffer): boolean {
  return timingSafeEqual(claim.code, codeOf(claim, secret));
}

/** The secret that both sides of PLAIN share. With CURVE it is their Diffie-Hellman secret. */
export function secretOf(password: string): Buffer {
  return createHash('sha256').update(password).digest();
}

/** The last character of base64url may have bits that encode nothing: RFC 4648, section 3.5. */
function isCanonical(base64url: string): boolean {
  return Buffer.from(base64url, 'base64url').toString('base64url') === base64url;
}

function codeOf({ mechanism, nonce, name }: Omit<Seal, 'code'>, secret: Buffer): Buffer {
  return createHmac('sha256', secret).update(`FL1${LETTERS[mechanism]}${nonce}${name}`).digest();
}
