import { hash, mixed } from './hash.js';

export interface SubsetPolicy {
  /** How many servers to watch. */
  readonly size: number;
  /** The number of this client among its peers, if they are numbered. */
  readonly index: number | undefined;
}

/**
 * Which of the servers that it knows a client watches: those that come first in an order of its own, as many
 * as the policy says; and for each of them that cannot take calls the next one. All, if there is no policy.
 *
 * Where clients are numbered, all have the same ring of servers, and stand on it at the places of a
 * low-discrepancy sequence: a server is watched by as many clients as any other, give or take a few. Source:
 * P. Ward, P. Wankadia, K. Guliani, "Reinventing Backend Subsetting at Google", ACM Queue 20(5), 2022 (its
 * "Ringsteady", with the sequence for the clients, which are the ones that have numbers here).
 *
 * Where they are not, each client ranks the servers by a hash with a seed of its own: as many clients watch a
 * server as heads come of so many coins, and a server that comes or goes concerns no other client than those
 * that watch it. Source: gRFC A68, `random_subsetting`.
 *
 * Either way a server that comes or goes changes one server of a subset at most.
 */
export class Subset {
  readonly #size: number;
  readonly #seed: number;
  /** Where on the ring its order begins, from 0 to 1. */
  readonly #place: number;
  readonly #known = new Set<string>();
  #order: readonly string[] | undefined;

  constructor(policy: SubsetPolicy | undefined, random: () => number) {
    this.#size = policy?.size ?? Infinity;
    const isDrawn = policy !== undefined && policy.index === undefined;
    this.#seed = isDrawn ? Math.floor(random() * 2 ** 32) : SEED_OF_THE_RING;
    this.#place = vanDerCorput(policy?.index ?? 0);
  }

  /** @returns false if it was known already */
  add(endpoint: string): boolean {
    if (this.#known.has(endpoint)) return false;
    this.#known.add(endpoint);
    this.#order = undefined;
    return true;
  }

  /** @returns false if it was not known */
  remove(endpoint: string): boolean {
    this.#order = undefined;
    return this.#known.delete(endpoint);
  }

  get known(): ReadonlySet<string> {
    return this.#known;
  }

  /**
   * The servers to watch now.
   *
   * @param isLost whether it has turned out that a server cannot take calls; of one that is not watched, that
   *   is not known, and so it is not lost
   * @param isUsable whether any server that is watched can take calls. If not, and none of the first ones is
   *   left to hope for, all are watched: a call finds a server while any lives
   */
  wanted(isLost: (endpoint: string) => boolean, isUsable: boolean): readonly string[] {
    const order = (this.#order ??= this.#inOrder());
    if (!isUsable && order.slice(0, this.#size).every(isLost)) return order;
    const wanted: string[] = [];
    let missing = this.#size;
    for (const endpoint of order) {
      if (missing === 0) break;
      wanted.push(endpoint);
      if (!isLost(endpoint)) missing--;
    }
    return wanted;
  }

  #inOrder(): string[] {
    if (this.#known.size <= this.#size) return [...this.#known];
    const ring = Array.from(this.#known, (endpoint) => ({
      endpoint,
      rank: mixed(hash(endpoint, this.#seed)),
    }));
    ring.sort((a, b) => a.rank - b.rank || (a.endpoint < b.endpoint ? -1 : 1));
    const start = Math.floor(this.#place * ring.length);
    return [...ring.slice(start), ...ring.slice(0, start)].map(({ endpoint }) => endpoint);
  }
}

/** Any number, as long as all clients have the same. */
const SEED_OF_THE_RING = hash('ring');

/**
 * The number, its bits in reverse, as a fraction: 0, 1/2, 1/4, 3/4, 1/8 … However many there are, they are
 * spread evenly. Source: J. G. van der Corput, "Verteilungsfunktionen", 1935, in base 2.
 */
function vanDerCorput(index: number): number {
  let place = 0;
  for (let [rest, bit] = [index, 0.5]; rest > 0; rest = Math.floor(rest / 2), bit /= 2) {
    place += (rest % 2) * bit;
  }
  return place;
}
