import { hash, mixed } from './hash.js';

export interface SubsetPolicy {
  /** How many servers to watch. */
  readonly size: number;
  /** The index of this client among its peers, if they are numbered. */
  readonly index: number | undefined;
}

/**
 * Which of its known servers a client watches: the first ones in an order of its own, as many as the policy says, plus
 * one more for each of them that cannot take calls. All of them if there is no policy.
 *
 * Numbered clients share one ring of servers, on which a low-discrepancy sequence places them: every server is watched
 * by nearly the same number of clients. Source: P. Ward, P. Wankadia, K. Guliani, "Reinventing Backend Subsetting at
 * Google", ACM Queue 20(5), 2022 (its "Ringsteady"; here the sequence places the clients, since they are numbered).
 *
 * Unnumbered clients each rank the servers by a hash with a seed of their own: clients per server are binomially
 * distributed, and a server that comes or goes affects only the clients that watch it. Source: gRFC A68,
 * `random_subsetting`.
 *
 * A server that comes or goes changes at most one server of a drawn subset, and at most two of a numbered one: it may lie on the client's
 * arc of the ring, and move the arc by one as well.
 *
 * If a client knows which servers are in its zone, three quarters of its subset are of them and the rest are others, each from an
 * order of their own.
 */
export class Subset {
  readonly #size: number;
  readonly #seed: number;
  readonly #index: number;
  readonly #known = new Set<string>();
  readonly #local = new Set<string>();
  #order: readonly string[] | undefined;

  constructor(policy: SubsetPolicy | undefined, random: () => number) {
    this.#size = policy?.size ?? Infinity;
    const isDrawn = policy !== undefined && policy.index === undefined;
    this.#seed = isDrawn ? Math.floor(random() * 2 ** 32) : SEED_OF_THE_RING;
    this.#index = policy?.index ?? 0;
  }

  /**
   * @param isLocal whether it is known to be in the client's zone
   * @returns false if that was already known
   */
  add(endpoint: string, isLocal = false): boolean {
    if (this.#known.has(endpoint) && this.#local.has(endpoint) === isLocal) return false;
    this.#known.add(endpoint);
    if (isLocal) this.#local.add(endpoint);
    else this.#local.delete(endpoint);
    this.#order = undefined;
    return true;
  }

  /** @returns false if it was not known */
  remove(endpoint: string): boolean {
    this.#order = undefined;
    this.#local.delete(endpoint);
    return this.#known.delete(endpoint);
  }

  get known(): ReadonlySet<string> {
    return this.#known;
  }

  /** Whether all known servers are wanted, whatever becomes of them. */
  get isAll(): boolean {
    return this.#known.size <= this.#size;
  }

  /**
   * The servers to watch now.
   *
   * @param isLost whether a watched server is known not to take calls; a server that is not watched is not lost
   * @param isUsable whether any watched server can take calls. If not, and no server of the subset may still connect,
   *   all are watched, so that a call finds a server while any is alive
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
    const known = [...this.#known];
    if (known.length <= this.#size) return known;
    if (this.#local.size === 0) return this.#ringOf(known, vanDerCorput(this.#index));
    const place = goldenRatio(this.#index);
    const local = this.#ringOf([...this.#local], place);
    const others = this.#ringOf(
      known.filter((endpoint) => !this.#local.has(endpoint)),
      place,
    );
    const locals = Math.round(this.#size * LOCAL_SHARE);
    return [
      ...local.splice(0, locals),
      ...others.splice(0, this.#size - locals),
      ...inTurn(local, others),
    ];
  }

  /** @param place where the order begins on the ring, from 0 to 1 */
  #ringOf(endpoints: readonly string[], place: number): string[] {
    const ring = Array.from(endpoints, (endpoint) => ({
      endpoint,
      rank: mixed(hash(endpoint, this.#seed)),
    }));
    ring.sort((a, b) => a.rank - b.rank || (a.endpoint < b.endpoint ? -1 : 1));
    const start = Math.floor(place * ring.length);
    return [...ring.slice(start), ...ring.slice(0, start)].map(({ endpoint }) => endpoint);
  }
}

/** Of the one and of the other list, as long as there are any. */
function inTurn(one: readonly string[], other: readonly string[]): string[] {
  const longest = Math.max(one.length, other.length);
  return Array.from({ length: longest }, (_, place) => [
    ...one.slice(place, place + 1),
    ...other.slice(place, place + 1),
  ]).flat();
}

/**
 * The share of a subset that is of the client's zone. Not all of it: if the zone is lost, the rest takes the calls at once, and the
 * client need not watch all servers to find one that is alive. Measured in `docs/scale.md`.
 */
const LOCAL_SHARE = 3 / 4;

/** Arbitrary, but the same for all clients. */
const SEED_OF_THE_RING = hash('ring');

/**
 * Reverses the bits of the index and reads them as a fraction: 0, 1/2, 1/4, 3/4, 1/8 … Any number of leading elements is
 * spread evenly. Source: J. G. van der Corput, "Verteilungsfunktionen", 1935, in base 2.
 */
function vanDerCorput(index: number): number {
  let place = 0;
  for (let [rest, bit] = [index, 0.5]; rest > 0; rest = Math.floor(rest / 2), bit /= 2) {
    place += (rest % 2) * bit;
  }
  return place;
}

/**
 * Multiples of the golden ratio, without their whole part: spread evenly, and so are those of a fixed step. The clients of a zone may
 * be every fourth one, which the sequence of van der Corput places in one quarter of the ring.
 */
function goldenRatio(index: number): number {
  return (index * ((Math.sqrt(5) - 1) / 2)) % 1;
}
