import { describe, expect, test } from 'vitest';
import { regressions } from './regressions.js';
import { failureReport } from './report.js';
import { scenarioNamed } from './scenarios/index.js';
import { simulate } from './simulation.js';

/** The report of a seed that breaks a rule; undefined if it keeps them all. */
async function complaint(name: string, seed: number): Promise<string | undefined> {
  const scenario = scenarioNamed(name);
  const outcome = await simulate(scenario, seed);
  if (outcome.violations.length === 0) return undefined;
  const traced = await simulate(scenario, seed, { isTraced: true, inspectEvery: 1 });
  return failureReport(outcome, traced);
}

/** How many worlds of each kind: the more can go wrong in one, the more of them. `npm run simulate` runs as many as you like. */
const SEEDS = {
  anything: 60,
  blinks: 15,
  deaths: 10,
  meddlers: 15,
  pauses: 8,
  resets: 8,
  overflow: 8,
  standstill: 4,
  comeback: 6,
  broken: 6,
  rolling: 10,
  departures: 10,
  repeating: 5,
  once: 20,
  quiet: 4,
  storm: 1,
  herd: 2,
};
const CHUNK = 20;

describe.each(Object.entries(SEEDS))('%s', (name, count) => {
  const firsts = Array.from({ length: Math.ceil(count / CHUNK) }, (_, chunk) => 1 + chunk * CHUNK);
  test.each(firsts)('keeps every rule, from seed %i', async (first) => {
    for (let seed = first; seed < first + CHUNK && seed <= count; seed++) {
      expect(await complaint(name, seed)).toBeUndefined();
    }
  });
});

describe('seeds that once broke a rule', () => {
  for (const { scenario, seed, found } of regressions) {
    test(`${scenario}, seed ${seed}: ${found}`, async () => {
      expect(await complaint(scenario, seed)).toBeUndefined();
    });
  }
});

test('the same seed gives the same world', async () => {
  const scenario = scenarioNamed('anything');
  const one = await simulate(scenario, 7, { isTraced: true });
  expect(one.steps).toBeGreaterThan(1000);
  expect(await simulate(scenario, 7, { isTraced: true })).toEqual(one);
  // Tracing changes nothing.
  expect(await simulate(scenario, 7, { inspectEvery: 1 })).toEqual({ ...one, trace: [] });
});
