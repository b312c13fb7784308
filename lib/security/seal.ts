import { createHash, createHmac, timingSafeEqual } from 'node:crypto';
import { exactText } from './exact-text.js';

/**
 * A routing id that says who has the connection, and proves it.
 *
 * ZeroMQ authenticates a connection, but zeromq.js does not tell which message came by which: of its
 * sender a ROUTER gives the routing id alone, and libzmq does not ask ZAP about that. So a client chooses
 * as its routing id its name, a nonce, and a code over both by a secret that only it and the server have.
 * Another client cannot make one, and the connection in which it travels is encrypted: it cannot read one.
 *
 * ```
 * "FL1"  "C" or "P"  nonce (22 characters)  code (43)  name
 * ```
 *
 * Nonce and code are base64url. The code is HMAC-SHA256 of all the rest. Whoever has one can pretend to be its owner:
 * nobody is shown it.
 */
export interface Seal {
  readonly mechanism: Mechanism;
  /** The public key in Z85, or the username. */
  readonly name: string;
  readonly nonce: string;
  readonly code: Buffer;
}

export type Mechanism = 'curve' | 'plain';

/** How many random bytes keep two connections of a client apart. */
export const NONCE_BYTES = 16;

/** ZeroMQ's routing ids have at most 255 bytes: so much is left for a name. */
export const LONGEST_NAME_BYTES = 255 - 69;

const LETTERS: Record<Mechanism, string> = { curve: 'C', plain: 'P' };

const SEALED = /^FL1([CP])([\w-]{22})([\w-]{43})(.+)$/su;

/** A routing id for one connection. */
export function seal(mechanism: Mechanism, name: string, nonce: Buffer, secret: Buffer): string {
  const text = nonce.toString('base64url');
  const code = codeOf({ mechanism, name, nonce: text }, secret).toString('base64url');
  return `FL1${LETTERS[mechanism]}${text}${code}${name}`;
}

/**
 * What a routing id claims; undefined if nothing. Of what can be written in several ways one is right: else several
 * routing ids were one seal.
 */
export function readSeal(routingId: Buffer): Seal | undefined {
  const [, letter, nonce, code, name] = SEALED.exec(exactText(routingId) ?? '') ?? [];
  if (!letter || !nonce || !code || !name) return undefined;
  if (!isCanonical(nonce) || !isCanonical(code)) return undefined;
  const mechanism = letter === LETTERS.curve ? 'curve' : 'plain';
  return { mechanism, name, nonce, code: Buffer.from(code, 'base64url') };
}

/** Whether the claim is made by who shares that secret. */
export function isGenuine(claim: Seal, secret: Buffer): boolean {
  return timingSafeEqual(claim.code, codeOf(claim, secret));
}

/** What both sides of PLAIN know. Of CURVE it is their Diffie-Hellman secret. */
export function secretOf(password: string): Buffer {
  return createHash('sha256').update(password).digest();
}

/** The last character of base64url may have bits that belong to no byte: RFC 4648, section 3.5. */
function isCanonical(base64url: string): boolean {
  return Buffer.from(base64url, 'base64url').toString('base64url') === base64url;
}

function codeOf({ mechanism, nonce, name }: Omit<Seal, 'code'>, secret: Buffer): Buffer {
  return createHmac('sha256', secret).update(`FL1${LETTERS[mechanism]}${nonce}${name}`).digest();
}
