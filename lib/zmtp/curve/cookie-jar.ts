import type { CurveCrypto } from '../curve-crypto.js';
import { KEY_BYTES, LONG_NONCE_BYTES, nonceOf } from './boxes.js';

/**
 * How long a cookie is valid, and how long one key makes cookies. A key is therefore gone after the 60 seconds of RFC 26 at
 * the latest, and usually much earlier, as no handshake may last that long.
 */
const LIFETIME_MS = 30_000;

/** Kept per client that has not authenticated yet. */
export interface CookieTicket {
  readonly nonce: Uint8Array;
  readonly key: CookieKey;
  readonly bakedAt: number;
}

/** What the server put into the cookie. Must be wiped after use. */
export interface CookieContent {
  /** C', the client's transient public key. */
  readonly clientKey: Buffer;
  /** s', the server's transient secret key. */
  readonly secretKey: Buffer;
}

interface CookieKey {
  readonly bytes: Uint8Array;
  readonly madeAt: number;
  /** Cookies that may still return. The key is wiped with the last of them. */
  outstanding: number;
}

/**
 * The cookies of one server. They hold the state of clients that have not authenticated yet, and the clients keep them. A
 * cookie is valid once, and only on its own connection: replaying a recorded handshake opens no second connection, which
 * would use the same keys and nonces again.
 */
export class CookieJar {
  readonly #crypto: CurveCrypto;
  readonly #now: () => number;
  #key: CookieKey | undefined;

  /** @param now milliseconds of a monotonic clock */
  constructor(crypto: CurveCrypto, now: () => number) {
    this.#crypto = crypto;
    this.#now = now;
  }

  /** Each ticket must be returned exactly once: to `open` or to `discard`. */
  bake(clientKey: Uint8Array, secretKey: Uint8Array): { cookie: Buffer; ticket: CookieTicket } {
    const now = this.#now();
    const key = this.#freshKey(now);
    const nonce = this.#crypto.randomBytes(LONG_NONCE_BYTES);
    const content = Buffer.concat([clientKey, secretKey]);
    const box = this.#crypto.seal(content, nonceOf('COOKIE--', nonce), key.bytes);
    this.#crypto.wipe(content);
    key.outstanding++;
    return { cookie: Buffer.concat([nonce, box]), ticket: { nonce, key, bakedAt: now } };
  }

  /** @returns undefined if the cookie does not belong to the ticket, or is too old */
  open(cookie: Buffer, ticket: CookieTicket): CookieContent | undefined {
    const content = this.#contentOf(cookie, ticket);
    this.discard(ticket);
    if (!content) return undefined;
    return { clientKey: content.subarray(0, KEY_BYTES), secretKey: content.subarray(KEY_BYTES) };
  }

  /** The cookie will not return. */
  discard({ key }: CookieTicket): void {
    key.outstanding--;
    if (key.outstanding > 0) return;
    this.#crypto.wipe(key.bytes);
    if (this.#key === key) this.#key = undefined;
  }

  #contentOf(cookie: Buffer, { nonce, key, bakedAt }: CookieTicket): Buffer | undefined {
    if (this.#now() - bakedAt > LIFETIME_MS) return undefined;
    if (!cookie.subarray(0, LONG_NONCE_BYTES).equals(nonce)) return undefined;
    const box = cookie.subarray(LONG_NONCE_BYTES);
    return this.#crypto.open(box, nonceOf('COOKIE--', nonce), key.bytes);
  }

  #freshKey(now: number): CookieKey {
    if (!this.#key || now - this.#key.madeAt >= LIFETIME_MS) {
      this.#key = { bytes: this.#crypto.randomBytes(KEY_BYTES), madeAt: now, outstanding: 0 };
    }
    return this.#key;
  }
}
