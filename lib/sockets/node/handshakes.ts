/** Connections that have not shown yet who has them. */
export interface Unknown {
  /** The IP address; empty over `ipc://`. */
  readonly address: string;
  /** Ends it at once. */
  drop(): void;
}

/** In their handshake at once, from one address. Behind one address a whole fleet may be, which comes back at once. */
const MOST_PER_ADDRESS = 1024;

const MOST = 4096;

/**
 * The connections of a server that are in their handshake. There is a bound for each address and one for all; whoever comes
 * beyond it takes the place of the oldest. A handshake that is honest is done in milliseconds, and so the oldest ones
 * are those of peers that say nothing, who would otherwise keep everybody out until their deadline.
 */
export class Handshakes {
  readonly #mostPerAddress: number;
  readonly #most: number;
  /** The oldest first, as in the sets by address. */
  readonly #all = new Set<Unknown>();
  readonly #byAddress = new Map<string, Set<Unknown>>();

  constructor(mostPerAddress = MOST_PER_ADDRESS, most = MOST) {
    this.#mostPerAddress = mostPerAddress;
    this.#most = most;
  }

  get size(): number {
    return this.#all.size;
  }

  [Symbol.iterator](): IterableIterator<Unknown> {
    return this.#all.values();
  }

  add(unknown: Unknown): void {
    let own = this.#byAddress.get(unknown.address);
    if (own && own.size >= this.#mostPerAddress) this.#drop(own);
    else if (this.#all.size >= this.#most) this.#drop(this.#largest());
    own = this.#byAddress.get(unknown.address);
    if (!own) this.#byAddress.set(unknown.address, (own = new Set()));
    own.add(unknown);
    this.#all.add(unknown);
  }

  /** Its handshake is done, or it has ended. */
  delete(unknown: Unknown): void {
    if (!this.#all.delete(unknown)) return;
    const own = this.#byAddress.get(unknown.address);
    own?.delete(unknown);
    if (own?.size === 0) this.#byAddress.delete(unknown.address);
  }

  /** Of the address that has most: who has few loses none to who has many. */
  #largest(): Set<Unknown> {
    let largest = this.#all;
    let size = 0;
    for (const own of this.#byAddress.values()) {
      if (own.size > size) [largest, size] = [own, own.size];
    }
    return largest;
  }

  #drop([oldest]: Set<Unknown>): void {
    if (!oldest) return;
    this.delete(oldest);
    oldest.drop();
  }
}
