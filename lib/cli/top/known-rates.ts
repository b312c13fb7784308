import type { ServerSnapshot } from '../../fleet/snapshot.js';

/** Whether the rates of a server are known; else they are 0. */
export function hasRates({ ratesOverMs }: ServerSnapshot): boolean {
  return ratesOverMs !== undefined;
}

/** A rate of all servers together, or of a pattern at all of them: undefined while none of them has rates. */
export function rateOfAll(servers: readonly ServerSnapshot[], perSecond: number) {
  return servers.some(hasRates) ? perSecond : undefined;
}
