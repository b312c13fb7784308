/**
 * A group of servers has so much more capacity than calls: it keeps all calls until fewer than 1 / 1.4 = 71 % of it are left.
 * Source: Envoy, `overprovisioning_factor`, 140 %.
 */
export const OVERPROVISIONING = 1.4;

/**
 * How calls are shared by ranks of servers, of which each is to take what those before it cannot.
 *
 * @param health of each rank, from 0 to 1: the share of all calls that it can take
 * @returns the share that each gets; they sum up to 1, unless no rank has any health
 *
 * Source: Envoy, "Priority levels": each level takes `min(what is left, its health)`, and if the sum of all is less than 1, the
 * shares are scaled up to it.
 */
export function spillover(health: readonly number[]): number[] {
  let left = 1;
  const shares = health.map((most) => {
    const share = Math.min(left, most);
    left -= share;
    return share;
  });
  // Not 1 - left, which rounds otherwise: a share alone would be 1.0000000000000002.
  const taken = shares.reduce((sum, share) => sum + share, 0);
  return taken > 0 ? shares.map((share) => share / taken) : shares;
}

/**
 * The share of the calls that servers can take by the load that they report: all, until the reserve that overprovisioning
 * assumes is in use, then in proportion to what is left of it.
 *
 * @param load from 0 to 1
 */
export function spareOf(load: number): number {
  const usual = 1 / OVERPROVISIONING;
  return Math.min((1 - load) / (1 - usual), 1);
}

/**
 * How fast what is known of spare capacity changes, in ms. Calls that spill over lower the load, which brings them back; since
 * the load is known half a heartbeat late on average, that would swing to and fro. A lag T damps it: with a gain k and a delay d,
 * such a loop is stable while k d / T < π / 2. A zone with five times the calls that it can take has k = 5 / (1 - 1/1.4) = 17.5.
 */
const LAG_MS = 10_000;

/** Spare capacity, smoothed. */
export class SpareCapacity {
  #spare: number | undefined;
  #at = 0;

  /** @param load that the servers report now, from 0 to 1 */
  at(load: number, now: number): number {
    const target = spareOf(load);
    const kept = this.#spare === undefined ? 0 : Math.exp((this.#at - now) / LAG_MS);
    this.#spare = target + ((this.#spare ?? target) - target) * kept;
    this.#at = now;
    return this.#spare;
  }
}
