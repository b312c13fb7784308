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

  /**
   * @param target takes the next one, in 8 bytes
   * @returns false if there is none left
   */
  next(target: Buffer, offset: number): boolean {
    if (this.#low === HALF - 1) {
      if (this.#high === HALF - 1) return false;
      this.#high++;
      this.#low = 0;
    } else {
      this.#low++;
    }
    target.writeUInt32BE(this.#high, offset);
    target.writeUInt32BE(this.#low, offset + 4);
    return true;
  }
}

/** The short nonces that the other side has sent: each is larger than all before it. */
export class NonceGuard {
  #high = 0;
  #low = 0;

  /** @param first the first that came, which may be any */
  constructor(first: Buffer) {
    this.note(first, 0);
  }

  /** Whether this one is larger than the last. */
  accepts(source: Buffer, offset: number): boolean {
    const high = source.readUInt32BE(offset);
    return (
      high > this.#high || (high === this.#high && source.readUInt32BE(offset + 4) > this.#low)
    );
  }

  /** This one has been used. */
  note(source: Buffer, offset: number): void {
    this.#high = source.readUInt32BE(offset);
    this.#low = source.readUInt32BE(offset + 4);
  }
}
