import sodium, { ready } from 'libsodium-wrappers';
import { describe, expect, it } from 'vitest';
import { rawCrypto } from '../../../lib/sockets/node/raw-crypto.js';
import { type RawSodium, rawSodiumOf } from '../../../lib/sockets/node/raw-sodium.js';
import { sodiumCrypto } from '../../../lib/sockets/node/sodium.js';
import { wrappedCrypto } from '../../../lib/sockets/node/wrapped-crypto.js';

await ready;
const beneath: unknown = Object.getOwnPropertyDescriptor(sodium, 'libsodium')?.value;

function raw(): RawSodium {
  const functions = rawSodiumOf(beneath);
  if (!functions) throw new Error('libsodium-wrappers no longer shows what is beneath');
  return functions;
}

const bytes = (hex: string) => Buffer.from(hex, 'hex');

/** Source: RFC 7748, section 6.1, and the tests of NaCl, which go on from there. */
const ALICE = {
  secretKey: bytes('77076d0a7318a57d3c16c17251b26645df4c2f87ebc0992ab177fba51db92c2a'),
  publicKey: bytes('8520f0098930a754748b7ddcb43ef75a0dbf3a0d26381af4eba4a98eaa9b4e6a'),
};
const BOB = {
  secretKey: bytes('5dab087e624a8a4b79e17f8b83800ee66f3bb1292618b6fd1c2f8b27ff88e0eb'),
  publicKey: bytes('de9edb7d7b7dc1b4d35b61c2ece435373f8343c85b78674dadfc7e146f882b4f'),
};
const SHARED_KEY = bytes('1b27556473e985d462cd51197a9a46c76009549eac6474f206c4ee0844f68389');
const NONCE = bytes('69696ee955b62b73cd62bda875fc73d68219e0036b7a0b37');
const MESSAGE = bytes(
  'be075fc53c81f2d5cf141316ebeb0c7b5228c52a4c62cbd44b66849b64244ffce5ecbaaf33bd751a1ac728d45e6c6129' +
    '6cdc3c01233561f41db66cce314adb310e3be8250c46f06dceea3a7fa1348057e2f6556ad6b1318a024a838f21af1fde' +
    '048977eb48f59ffd4924ca1c60902e52f0a089bc76897040e082f937763848645e0705',
);
const BOX = bytes(
  'f3ffc7703f9400e52a7dfb4b3d3305d98e993b9f48681273c29650ba32fc76ce48332ea7164d96a4476fb8c531a1186a' +
    'c0dfc17c98dce87b4da7f011ec48c97271d2c20f9b928fe2270d6fb863d51738b48eeee314a7cc8ab932164548e526ae' +
    '90224368517acfeabd6bb3732bc0e9da99832b61ca01b6de56244a9e88d5f9b37973f622a43d14a6599b1f654cb45a74' +
    'e355a5',
);

/** Around the size for which a place is kept, and far beyond the memory that there is at first. */
const SIZES = [0, 1, 65_535, 65_536, 65_567, 65_568, 65_569, 200_000, 40_000_000];

describe.each([
  ['over the functions themselves', rawCrypto(raw())],
  ['over the wrappers', wrappedCrypto(sodium)],
])('libsodium, %s', (_, crypto) => {
  it('makes the public keys of RFC 7748', () => {
    expect(Buffer.from(crypto.publicKeyOf(ALICE.secretKey)).equals(ALICE.publicKey)).toBe(true);
    expect(Buffer.from(crypto.publicKeyOf(BOB.secretKey)).equals(BOB.publicKey)).toBe(true);
  });

  it('makes the shared keys and boxes of NaCl', () => {
    for (const [theirs, own] of [
      [ALICE, BOB],
      [BOB, ALICE],
    ] as const) {
      const key = crypto.sharedKey(theirs.publicKey, own.secretKey) ?? Buffer.alloc(0);
      expect(Buffer.from(key).equals(SHARED_KEY)).toBe(true);
    }
    expect(crypto.seal(MESSAGE, NONCE, SHARED_KEY).equals(BOX)).toBe(true);
    expect(crypto.open(BOX, NONCE, SHARED_KEY)?.equals(MESSAGE)).toBe(true);
  });

  it('makes a frame with the same box in one step', () => {
    const head = Buffer.from('in front');
    const frame = crypto.sealFrame(head, MESSAGE[0] ?? 0, MESSAGE.subarray(1), NONCE, SHARED_KEY);
    expect(frame.equals(Buffer.concat([head, BOX]))).toBe(true);
    const opened = crypto.openFrame(frame, head.length, NONCE, SHARED_KEY);
    expect(opened?.first).toBe(MESSAGE[0]);
    expect(opened?.rest.equals(MESSAGE.subarray(1))).toBe(true);
    expect(crypto.openFrame(frame, head.length, NONCE, ALICE.publicKey)).toBeUndefined();
    expect(crypto.openFrame(frame.subarray(0, 24), 8, NONCE, SHARED_KEY)).toBeUndefined();
  });

  it('makes no shared key with a public key of low order', () => {
    expect(crypto.sharedKey(Buffer.alloc(32), ALICE.secretKey)).toBeUndefined();
    // It is as before for the next one.
    expect(crypto.sharedKey(BOB.publicKey, ALICE.secretKey)).toBeDefined();
  });

  it('opens nothing with another nonce or key, nor boxes that are too short', () => {
    expect(crypto.open(BOX, Buffer.alloc(24), SHARED_KEY)).toBeUndefined();
    expect(crypto.open(BOX, NONCE, ALICE.publicKey)).toBeUndefined();
    for (const length of [0, 1, 15, 16]) {
      expect(crypto.open(BOX.subarray(0, length), NONCE, SHARED_KEY)).toBeUndefined();
    }
  });

  it.each(SIZES)('seals and opens %i bytes', (size) => {
    const message = Buffer.alloc(size, 'abc');
    const box = crypto.seal(message, NONCE, SHARED_KEY);
    expect(box.length).toBe(size + 16);
    expect(crypto.open(box, NONCE, SHARED_KEY)?.equals(message)).toBe(true);
    const frame = crypto.sealFrame(Buffer.alloc(16), 3, message, NONCE, SHARED_KEY);
    const opened = crypto.open(frame.subarray(16), NONCE, SHARED_KEY);
    expect(opened?.[0]).toBe(3);
    expect(opened?.subarray(1).equals(message)).toBe(true);
    const { first, rest } = crypto.openFrame(frame, 16, NONCE, SHARED_KEY) ?? {};
    expect(first).toBe(3);
    expect(rest?.equals(message)).toBe(true);
  });

  it('does not change its arguments', () => {
    const [message, nonce, key] = [
      Buffer.from(MESSAGE),
      Buffer.from(NONCE),
      Buffer.from(SHARED_KEY),
    ];
    const box = crypto.seal(message, nonce, key);
    crypto.sealFrame(box, 0, message, nonce, key);
    crypto.open(box, nonce, key);
    expect([message, nonce, key].map((one) => one.toString('hex'))).toEqual(
      [MESSAGE, NONCE, SHARED_KEY].map((one) => one.toString('hex')),
    );
    expect(box.equals(BOX)).toBe(true);
  });

  it('returns results that later calls do not change', () => {
    const first = crypto.seal(MESSAGE, NONCE, SHARED_KEY);
    const opened = crypto.open(first, NONCE, SHARED_KEY);
    crypto.seal(Buffer.alloc(1000), NONCE, ALICE.publicKey);
    expect(first.equals(BOX)).toBe(true);
    expect(opened?.equals(MESSAGE)).toBe(true);
  });

  it('makes random bytes', () => {
    const drawn = Array.from({ length: 100 }, () => crypto.randomBytes(16).toString('hex'));
    expect(new Set(drawn).size).toBe(100);
    expect(crypto.randomBytes(7).length).toBe(7);
  });

  it('wipes secrets', () => {
    const secret = crypto.randomBytes(32);
    crypto.wipe(secret);
    expect(secret.equals(Buffer.alloc(32))).toBe(true);
  });
});

describe('the memory of libsodium', () => {
  it('holds no key once a call is over', () => {
    const functions = raw();
    const crypto = rawCrypto(functions);
    const own = crypto.randomBytes(32);
    const key = Buffer.from(
      crypto.sharedKey(crypto.publicKeyOf(crypto.randomBytes(32)), own) ?? '',
    );
    const box = crypto.seal(Buffer.from('hello'), NONCE, key);
    crypto.open(box, NONCE, key);
    crypto.open(Buffer.alloc(40), NONCE, key);
    const frame = crypto.sealFrame(NONCE, 0, Buffer.from('hello'), NONCE, key);
    crypto.openFrame(frame, NONCE.length, NONCE, key);
    // As of a cookie, which holds a secret key.
    const secret = crypto.randomBytes(32);
    crypto.open(crypto.seal(secret, NONCE, key), NONCE, key);
    const memory = Buffer.from(functions.memory().buffer);
    expect(memory.includes(secret)).toBe(false);
    expect(memory.includes(own)).toBe(false);
    expect(memory.includes(key)).toBe(false);
  });

  it('does not grow with the number of calls', () => {
    const functions = raw();
    const crypto = rawCrypto(functions);
    const message = Buffer.alloc(1_000_000);
    const once = () => crypto.open(crypto.seal(message, NONCE, SHARED_KEY), NONCE, SHARED_KEY);
    once();
    const before = functions.memory().length;
    for (let count = 0; count < 100; count++) once();
    expect(functions.memory().length).toBe(before);
  });

  it('may run out, which throws an error that says so', () => {
    const functions = raw();
    const crypto = rawCrypto({
      ...functions,
      malloc: (size) => (size < 1e6 ? functions.malloc(size) : 0),
    });
    expect(() => crypto.seal(Buffer.alloc(1_000_000), NONCE, SHARED_KEY)).toThrow(
      'libsodium has no memory for 1000016 bytes',
    );
  });
});

describe('sodiumCrypto', () => {
  it('is loaded once', async () => {
    expect(await sodiumCrypto()).toBe(await sodiumCrypto());
  });

  it('is used without the wrappers only if all functions are there', () => {
    expect(rawSodiumOf(beneath)).toBeDefined();
    expect(rawSodiumOf(undefined)).toBeUndefined();
    expect(rawSodiumOf({ ...(beneath as object), _malloc: undefined })).toBeUndefined();
    expect(rawSodiumOf({ ...(beneath as object), HEAPU8: undefined })).toBeUndefined();
  });
});
