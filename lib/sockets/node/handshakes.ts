import { monotonicNow } from '../../node-timers.js';

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

/** A handshake that takes longer, in ms, makes room for others: an honest one is done in milliseconds. */
const LONG_MS = 1000;

/**
 * The connections of a server that are in their handshake. There is a bound for each address and one for all. Whoever comes
 * beyond it takes the place of the oldest, if that has been there for long: those are peers that say nothing, who would
 * otherwise keep everybody out until their deadline. If none has been, a fleet is coming back at once: the newest has to try
 * again, for if the oldest had to, nobody's handshake would ever be done.
 */
export class Handshakes {
  readonly #mostPerAddress: number;
  readonly #most: number;
  readonly #now: () => number;
  /** Since when each is there, the oldest first, as in the sets by address. */
  readonly #all = new Map<Unknown, number>();
  readonly #byAddress = new Map<string, Set<Unknown>>();

  constructor(mostPerAddress = MOST_PER_ADDRESS, most = MOST, now = monotonicNow) {
    this.#mostPerAddress = mostPerAddress;
    this.#most = most;
    this.#now = now;
  }

  get size(): number {
    return this.#all.size;
  }

  [Symbol.iterator](): IterableIterator<Unknown> {
    return this.#all.keys();
  }

  /** @returns false if there is no room for it: then it was dropped */
  add(unknown: Unknown): boolean {
    if (!this.#makeRoom(unknown.address)) {
      unknown.drop();
      return false;
    }
    const own = this.#byAddress.get(unknown.address);
    if (own) own.add(unknown);
    else this.#byAddress.set(unknown.address, new Set([unknown]));
    this.#all.set(unknown, this.#now());
    return true;
  }

  #makeRoom(address: string): boolean {
    const own = this.#byAddress.get(address);
    if (own && own.size >= this.#mostPerAddress) return this.#dropOldest(own);
    return this.#all.size < this.#most || this.#dropOldest(this.#largest());
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
    let largest = new Set<Unknown>();
    for (const own of this.#byAddress.values()) if (own.size > largest.size) largest = own;
    return largest;
  }

  #dropOldest([oldest]: Set<Unknown>): boolean {
    const since = oldest && this.#all.get(oldest);
    if (!oldest || since === undefined || this.#now() - since < LONG_MS) return false;
    this.delete(oldest);
    oldest.drop();
    return true;
  }
}
