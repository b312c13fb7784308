import { randomBytes } from 'node:crypto';
import type { CurveCrypto } from '../../zmtp/curve-crypto.js';
import type { RawSodium } from './raw-sodium.js';

const KEY_BYTES = 32;
const NONCE_BYTES = 24;
const MAC_BYTES = 16;

const NOTHING = Buffer.alloc(0);

/** Messages up to this size are encrypted in memory that is kept for it; larger ones get memory of their own meanwhile. */
const PLACE_BYTES = 65_536 + 2 * MAC_BYTES;

/**
 * CURVE over the functions of libsodium, in memory that is allocated once. Each call is synchronous, so one place for each
 * argument is enough. Keys are wiped after each call.
 */
export function rawCrypto(raw: RawSodium): CurveCrypto {
  const own = place(raw, KEY_BYTES);
  const other = place(raw, KEY_BYTES);
  const key = place(raw, KEY_BYTES);
  const nonce = place(raw, NONCE_BYTES);
  const message = place(raw, PLACE_BYTES);

  /** @returns a copy of the bytes at that address, which are wiped */
  function taken(address: number): Buffer {
    const bytes = Buffer.from(raw.memory().subarray(address, address + KEY_BYTES));
    raw.memory().fill(0, address, address + KEY_BYTES);
    return bytes;
  }

  /** @param use gets an address with room for that many bytes */
  function withRoom<T>(bytes: number, use: (address: number) => T): T {
    if (bytes <= PLACE_BYTES) return use(message);
    const address = place(raw, bytes);
    try {
      return use(address);
    } finally {
      raw.free(address);
    }
  }

  /** Works in place: the box begins with its MAC, and the plain text MAC_BYTES later. */
  function sealAt(at: number, bytes: number, nonceBytes: Uint8Array, keyBytes: Uint8Array): void {
    const heap = raw.memory();
    heap.set(nonceBytes, nonce);
    heap.set(keyBytes, key);
    raw.seal(at, at + MAC_BYTES, bytes, 0, nonce, key);
    heap.fill(0, key, key + KEY_BYTES);
  }

  function openAt(
    at: number,
    bytes: number,
    nonceBytes: Uint8Array,
    keyBytes: Uint8Array,
  ): boolean {
    const heap = raw.memory();
    heap.set(nonceBytes, nonce);
    heap.set(keyBytes, key);
    const code = raw.open(at + MAC_BYTES, at, bytes, 0, nonce, key);
    heap.fill(0, key, key + KEY_BYTES);
    return code === 0;
  }

  return {
    publicKeyOf(secretKey) {
      raw.memory().set(secretKey, own);
      raw.scalarMultBase(other, own);
      raw.memory().fill(0, own, own + KEY_BYTES);
      return taken(other);
    },

    sharedKey(theirs, secretKey) {
      raw.memory().set(theirs, other);
      raw.memory().set(secretKey, own);
      const isOwned = raw.beforeNm(key, other, own) === 0;
      raw.memory().fill(0, own, own + KEY_BYTES);
      const shared = taken(key);
      return isOwned ? shared : undefined;
    },

    seal: (plain, nonceBytes, keyBytes) =>
      withRoom(plain.length + MAC_BYTES, (at) => {
        raw.memory().set(plain, at + MAC_BYTES);
        sealAt(at, plain.length, nonceBytes, keyBytes);
        return Buffer.from(raw.memory().subarray(at, at + MAC_BYTES + plain.length));
      }),

    sealFrame: (head, first, rest, nonceBytes, keyBytes) =>
      withRoom(1 + rest.length + MAC_BYTES, (at) => {
        raw.memory()[at + MAC_BYTES] = first;
        raw.memory().set(rest, at + MAC_BYTES + 1);
        sealAt(at, rest.length + 1, nonceBytes, keyBytes);
        const frame = Buffer.allocUnsafe(head.length + MAC_BYTES + 1 + rest.length);
        frame.set(head);
        frame.set(raw.memory().subarray(at, at + MAC_BYTES + 1 + rest.length), head.length);
        return frame;
      }),

    open: (box, nonceBytes, keyBytes) => {
      if (box.length < MAC_BYTES) return undefined;
      return withRoom(box.length, (at) => {
        const heap = raw.memory();
        heap.set(box, at);
        if (!openAt(at, box.length, nonceBytes, keyBytes)) return undefined;
        const plain = Buffer.from(heap.subarray(at + MAC_BYTES, at + box.length));
        // In a handshake this may be a secret key: the server's own, in its cookie.
        heap.fill(0, at, at + box.length);
        return plain;
      });
    },

    openFrame: (frame, headBytes, nonceBytes, keyBytes) => {
      if (frame.length <= headBytes + MAC_BYTES) return undefined;
      return withRoom(frame.length, (at) => {
        const heap = raw.memory();
        heap.set(frame, at);
        const box = at + headBytes;
        if (!openAt(box, frame.length - headBytes, nonceBytes, keyBytes)) return undefined;
        const first = box + MAC_BYTES;
        const end = at + frame.length;
        const rest = end === first + 1 ? NOTHING : Buffer.from(heap.subarray(first + 1, end));
        return { first: heap[first] ?? 0, rest };
      });
    },

    randomBytes: (length) => randomBytes(length),
    wipe: (secret) => secret.fill(0),
  };
}

function place(raw: RawSodium, bytes: number): number {
  const address = raw.malloc(bytes);
  if (address === 0) throw new RangeError(`libsodium has no memory for ${bytes} bytes`);
  return address;
}
