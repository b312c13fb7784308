import { describe } from './faults/fault.js';
import type { Violation } from './rules/verdict.js';
import type { Scenario } from './scenarios/scenario.js';
import { type Engines, enginesOf } from './network/engines.js';
import { Chance } from './time/chance.js';
import { History } from './world/history.js';
import { World, type WorldOptions } from './world/world.js';

/** The result of one seed. */
export interface Outcome {
  readonly scenario: string;
  readonly seed: number;
  readonly calls: number;
  readonly steps: number;
  readonly virtualMs: number;
  readonly violations: readonly Violation[];
  readonly engines: Engines;
  readonly faults: readonly string[];
  readonly measured: readonly string[];
  readonly trace: readonly string[];
}

/** Creates a world of that kind and runs it. The same seed gives the same world. */
export async function simulate(
  scenario: Scenario,
  seed: number,
  options: Partial<WorldOptions> = {},
): Promise<Outcome> {
  const chance = new Chance(seed);
  const plan = scenario.plan(chance.fork());
  const engines = options.engines ?? enginesOf(seed);
  const world = new World(plan, chance, { isTraced: false, ...options, engines });
  const { stackTraceLimit } = Error;
  // A world creates thousands of errors whose stack nobody reads, and capturing stacks costs more than calls.
  if (!options.isTraced) Error.stackTraceLimit = 0;
  await new History(world, plan).pass();
  Error.stackTraceLimit = stackTraceLimit;
  return {
    scenario: scenario.name,
    seed,
    calls: world.ledger.entries.length,
    steps: world.timeline.steps,
    virtualMs: world.timeline.now,
    violations: world.verdict.violations,
    engines,
    faults: plan.faults.map(describe),
    measured: plan.measure?.(world) ?? [],
    trace: world.trace.lines,
  };
}
