/** Short nonces are numbers of 64 bits, in network order. Source: RFC 26, "The HELLO Command". */
const HALF = 2 ** 32;

/** The first nonce of each side, as in libzmq; the next is 2, and so on. */
export const FIRST = Buffer.from('0000000000000001', 'hex');
export const SECOND = Buffer.from('0000000000000002', 'hex');

/** The short nonces that one side sends. They end before one would repeat: a nonce may be used once per key. */
export class NonceCounter {
  #high: number;
  #low: number;

  /** @param last the one sent last */
  constructor(last: Buffer) {
    this.#high = last.readUInt32BE(0);
    this.#low = last.readUInt32BE(4);
  }

  /** @returns false if none is left */
  next(): boolean {
    if (this.#low === HALF - 1) {
      if (this.#high === HALF - 1) return false;
      this.#high++;
      this.#low = 0;
    } else {
      this.#low++;
    }
    return true;
  }

  /** Writes the current one, in 8 bytes. */
  write(target: Buffer, offset: number): void {
    target.writeUInt32BE(this.#high, offset);
    target.writeUInt32BE(this.#low, offset + 4);
  }
}

/**
 * Checks the short nonces that the other side sends: after the handshake each is larger than the previous one by exactly 1.
 * RFC 26 and libzmq ask only for a larger one, which rejects replays. All implementations count by 1, so the stricter rule
 * also detects removed frames, even in the middle of a message.
 */
export class NonceGuard {
  #high: number;
  #low: number;

  /** @param last the one received last */
  constructor(last: Buffer) {
    this.#high = last.readUInt32BE(0);
    this.#low = last.readUInt32BE(4);
  }

  /** Whether this is the next one. */
  accepts(source: Buffer, offset: number): boolean {
    const low = source.readUInt32BE(offset + 4);
    const high = source.readUInt32BE(offset);
    if (low === 0) return high === this.#high + 1 && this.#low === HALF - 1;
    return low === this.#low + 1 && high === this.#high;
  }

  /** Records this one as received. */
  note(source: Buffer, offset: number): void {
    this.#high = source.readUInt32BE(offset);
    this.#low = source.readUInt32BE(offset + 4);
  }
}
