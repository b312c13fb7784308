import { monotonicNow } from '../../node-timers.js';

/** A connection in its handshake: nobody knows yet whose it is. */
export interface Unknown {
  /** The IP address; empty over `ipc://`. */
  readonly address: string;
  /** Ends it at once. */
  drop(): void;
}

/** How many handshakes one address may have at a time. A whole fleet may be behind one address, and reconnect at once. */
const MOST_PER_ADDRESS = 1024;

const MOST = 4096;

/** A handshake that takes longer, in ms, may be dropped for others: an honest one takes milliseconds. */
const LONG_MS = 1000;

/**
 * The connections of a server that are in their handshake. There is a limit per address and one for all. A connection beyond
 * the limit replaces the oldest one if that has been there for long: silent peers would otherwise keep everybody out until
 * their deadline. If none has been there for long, a fleet is reconnecting, and the newest has to try again: if the oldest had
 * to, no handshake would ever be done.
 */
export class Handshakes {
  readonly #mostPerAddress: number;
  readonly #most: number;
  readonly #now: () => number;
  /** When each came, the oldest first, as in the sets by address. */
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

  /** @returns false if there was no room, and the connection was dropped */
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

  /** The oldest of the address that has most: an address with few connections loses none to one with many. */
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
