import type { Engine } from '../network/engines.js';
import type { Rule, Violation } from '../rules/verdict.js';
import { scenarioNamed } from '../scenarios/index.js';
import { simulate } from '../simulation.js';

/** What a hunt through the seeds has found. */
export interface Found {
  readonly seed: number;
  readonly violation: Violation;
}

export interface HuntedWorlds {
  readonly firstSeed: number;
  readonly seeds: number;
  /** The engine of all processes; chosen by the seed if not set. */
  readonly engine?: Engine | undefined;
}

/** Arguments: the scenario, the rule that must be broken or `any`, and which worlds. Prints what it found. */
const [scenario = '', rule = 'any', worlds = '{}'] = process.argv.slice(2);
const found = await hunt(scenario, rule as Rule | 'any', JSON.parse(worlds) as HuntedWorlds);
process.stdout.write(JSON.stringify(found ?? null));

async function hunt(
  name: string,
  wanted: Rule | 'any',
  { firstSeed, seeds, engine }: HuntedWorlds,
): Promise<Found | undefined> {
  const options = engine ? { engines: { clients: engine, servers: engine } } : {};
  for (let seed = firstSeed; seed < firstSeed + seeds; seed++) {
    const { violations } = await simulate(scenarioNamed(name), seed, options);
    const violation = violations.find((broken) => wanted === 'any' || broken.rule === wanted);
    if (violation) return { seed, violation };
  }
  return undefined;
}
