import { Subset } from '../../../lib/core/subset.js';
import { seededRandom } from '../../support/random.js';

/** How evenly clients are spread over servers, and what an added server costs. */
export interface Spread {
  readonly mean: number;
  readonly least: number;
  readonly most: number;
  /** Once a quarter of the servers is dead. */
  readonly mostAfterLoss: number;
  readonly meanAfterLoss: number;
  /** How many clients change one of their servers when one is added. */
  readonly changes: number;
}

export interface SpreadCase {
  readonly clients: number;
  readonly servers: number;
  readonly size: number;
  readonly isNumbered: boolean;
}

const none = () => false;

export function spreadOf({ clients, servers, size, isNumbered }: SpreadCase, seed: number): Spread {
  const random = seededRandom(seed);
  const endpoints = Array.from({ length: servers }, (_, n) => `tcp://server-${n + 1}:5555`);
  const subsets = Array.from({ length: clients }, (_, index) => {
    const subset = new Subset({ size, index: isNumbered ? index : undefined }, random);
    for (const endpoint of endpoints) subset.add(endpoint);
    return subset;
  });
  const dead = new Set(endpoints.filter((_, place) => place % 4 === 0));
  const usual = subsets.map((subset) => subset.wanted(none, true));
  const counts = watchers(usual, endpoints);
  const afterLoss = watchers(
    subsets.map((subset) => subset.wanted((endpoint) => dead.has(endpoint), true)),
    endpoints.filter((endpoint) => !dead.has(endpoint)),
  );
  for (const subset of subsets) subset.add('tcp://another-server:5555');
  const changes = subsets.filter((subset, n) => {
    const now = new Set(subset.wanted(none, true));
    return usual[n]?.some((endpoint) => !now.has(endpoint));
  }).length;
  return {
    mean: mean(counts),
    least: Math.min(...counts),
    most: Math.max(...counts),
    meanAfterLoss: mean(afterLoss),
    mostAfterLoss: Math.max(...afterLoss),
    changes,
  };
}

/** How many clients watch each of these servers. */
function watchers(watched: readonly (readonly string[])[], endpoints: readonly string[]): number[] {
  const counts = new Map(endpoints.map((endpoint) => [endpoint, 0]));
  for (const endpoint of watched.flat()) {
    const count = counts.get(endpoint);
    if (count !== undefined) counts.set(endpoint, count + 1);
  }
  return [...counts.values()];
}

function mean(list: readonly number[]): number {
  return list.reduce((total, value) => total + value, 0) / list.length;
}
