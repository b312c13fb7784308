/** The content of a sealed frame. */
export interface OpenedFrame {
  readonly first: number;
  readonly rest: Buffer;
}

/**
 * The primitives of CurveZMQ: Curve25519, XSalsa20 and Poly1305, as in NaCl. Sources: RFC 26 of ZeroMQ; D. J. Bernstein,
 * "Cryptography in NaCl", 2009. An audited library implements them.
 */
export interface CurveCrypto {
  /** Random bytes fit for a secret key. */
  randomBytes(length: number): Buffer;
  /** `crypto_scalarmult_base`: the public key of a secret key. */
  publicKeyOf(secretKey: Uint8Array): Uint8Array;
  /**
   * `crypto_box_beforenm`: the key that two key pairs share.
   *
   * @returns undefined for a public key of low order, which has no owner (RFC 7748, section 6.1)
   */
  sharedKey(theirPublicKey: Uint8Array, ownSecretKey: Uint8Array): Uint8Array | undefined;
  /**
   * `crypto_box_afternm` and `crypto_secretbox`, which are the same: encrypts and authenticates.
   *
   * @param nonce 24 bytes, never used twice with one key
   * @returns the message plus 16 bytes
   */
  seal(message: Uint8Array, nonce: Uint8Array, key: Uint8Array): Buffer;
  /** The inverse of `seal`; undefined if the box was not sealed with that key and nonce. */
  open(box: Uint8Array, nonce: Uint8Array, key: Uint8Array): Buffer | undefined;
  /**
   * Seals `[first, ...rest]` and puts `head` in front of the box, with the fewest copies: a frame of a MESSAGE.
   *
   * @param head stays as it is
   */
  sealFrame(
    head: Uint8Array,
    first: number,
    rest: Uint8Array,
    nonce: Uint8Array,
    key: Uint8Array,
  ): Buffer;
  /**
   * The inverse of `sealFrame`.
   *
   * @returns undefined if the frame was not sealed with that key and nonce
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
