import type { Engine } from '../network/engines.js';
import type { Rule, Violation } from '../rules/verdict.js';
import { scenarioNamed } from '../scenarios/index.js';
import { simulate } from '../simulation.js';

/** What a hunt through the seeds has found. */
export interface Found {
  readonly seed: number;
  readonly violation: Violation;
}

/**
 * Arguments: the scenario, how many seeds, the rule that has to be broken, or `any`, and the engine of all, unless the
 * seeds choose it. Says what was found.
 */
const [scenario = '', seeds = '', rule = 'any', engine] = process.argv.slice(2);
const found = await hunt(scenario, Number(seeds), rule as Rule | 'any', engine as Engine);
process.stdout.write(JSON.stringify(found ?? null));

async function hunt(
  name: string,
  count: number,
  wanted: Rule | 'any',
  only: Engine | undefined,
): Promise<Found | undefined> {
  const options = only ? { engines: { clients: only, servers: only } } : {};
  for (let seed = 1; seed <= count; seed++) {
    const { violations } = await simulate(scenarioNamed(name), seed, options);
    const violation = violations.find((broken) => wanted === 'any' || broken.rule === wanted);
    if (violation) return { seed, violation };
  }
  return undefined;
}
