/** What was sealed in a frame. */
export interface OpenedFrame {
  readonly first: number;
  readonly rest: Buffer;
}

/**
 * The primitives that CurveZMQ is made of: Curve25519, XSalsa20 and Poly1305, as in NaCl. Sources: RFC 26 of ZeroMQ; D. J.
 * Bernstein, "Cryptography in NaCl", 2009. An audited library does the work.
 */
export interface CurveCrypto {
  /** Those that nobody can guess make a secret key. */
  randomBytes(length: number): Buffer;
  /** `crypto_scalarmult_base`: the public key of a secret one. */
  publicKeyOf(secretKey: Uint8Array): Uint8Array;
  /**
   * `crypto_box_beforenm`: the key that two key pairs share.
   *
   * @returns undefined for a public key of low order, which nobody owns (RFC 7748, section 6.1)
   */
  sharedKey(theirPublicKey: Uint8Array, ownSecretKey: Uint8Array): Uint8Array | undefined;
  /**
   * `crypto_box_afternm` and `crypto_secretbox`, which are the same: encrypts and authenticates.
   *
   * @param nonce 24 bytes, never used twice with a key
   * @returns 16 bytes more than the message
   */
  seal(message: Uint8Array, nonce: Uint8Array, key: Uint8Array): Buffer;
  /** The counterpart of `seal`; undefined if the box was not made with that key and nonce. */
  open(box: Uint8Array, nonce: Uint8Array, key: Uint8Array): Buffer | undefined;
  /**
   * Seals `[first, ...rest]` and puts `head` in front of the box, without a copy more than that takes: a frame of a MESSAGE.
   *
   * @param head goes as it is
   */
  sealFrame(
    head: Uint8Array,
    first: number,
    rest: Uint8Array,
    nonce: Uint8Array,
    key: Uint8Array,
  ): Buffer;
  /**
   * Opens what `sealFrame` has made, likewise.
   *
   * @returns undefined if it was not made with that key and nonce
   */
  openFrame(
    frame: Uint8Array,
    headBytes: number,
    nonce: Uint8Array,
    key: Uint8Array,
  ): OpenedFrame | undefined;
  /** Overwrites a secret. */
  wipe(secret: Uint8Array): void;
}
