/** Short nonces are numbers of 64 bits, in network order. Source: RFC 26, "The HELLO Command". */
const HALF = 2 ** 32;

/** The first that each side sends, as libzmq has it; the next one is 2, and so on. */
export const FIRST = Buffer.from('0000000000000001', 'hex');
export const SECOND = Buffer.from('0000000000000002', 'hex');

/** The short nonces that one side sends. They end before one could come again: with one key, each may be used once. */
export class NonceCounter {
  #high: number;
  #low: number;

  /** @param last the one that was sent last */
  constructor(last: Buffer) {
    this.#high = last.readUInt32BE(0);
    this.#low = last.readUInt32BE(4);
  }

  /** @returns false if there is none left */
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

  /** Writes the present one, in 8 bytes. */
  write(target: Buffer, offset: number): void {
    target.writeUInt32BE(this.#high, offset);
    target.writeUInt32BE(this.#low, offset + 4);
  }
}

/**
 * The short nonces that the other side sends: each is by 1 larger than the one before, from the end of the handshake on. That
 * it has to be larger keeps out what comes again. RFC 26 and libzmq ask for no more; but all software counts by 1, and so it
 * is also seen when somebody has taken a frame away, out of the midst of a message perhaps.
 */
export class NonceGuard {
  #high: number;
  #low: number;

  /** @param last the one that came last */
  constructor(last: Buffer) {
    this.#high = last.readUInt32BE(0);
    this.#low = last.readUInt32BE(4);
  }

  /** Whether this one is due. */
  accepts(source: Buffer, offset: number): boolean {
    const low = source.readUInt32BE(offset + 4);
    const high = source.readUInt32BE(offset);
    if (low === 0) return high === this.#high + 1 && this.#low === HALF - 1;
    return low === this.#low + 1 && high === this.#high;
  }

  /** This one has come. */
  note(source: Buffer, offset: number): void {
    this.#high = source.readUInt32BE(offset);
    this.#low = source.readUInt32BE(offset + 4);
  }
}
