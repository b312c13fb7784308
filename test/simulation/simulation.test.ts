import { describe, expect, test } from 'vitest';
import { regressions } from './regressions.js';
import { failureReport } from './report.js';
import { scenarioNamed } from './scenarios/index.js';
import { simulate } from './simulation.js';

/** What to tell of a seed that breaks a rule; undefined if it keeps them all. */
async function complaint(name: string, seed: number): Promise<string | undefined> {
  const scenario = scenarioNamed(name);
  const outcome = await simulate(scenario, seed);
  if (outcome.violations.length === 0) return undefined;
  const traced = await simulate(scenario, seed, { isTraced: true, inspectEvery: 1 });
  return failureReport(outcome, traced);
}

const SEEDS = 240;
const CHUNK = 20;

describe('worlds in which anything may go wrong keep every rule', () => {
  test.each(Array.from({ length: SEEDS / CHUNK }, (_, chunk) => 1 + chunk * CHUNK))(
    `${CHUNK} seeds from %i`,
    async (first) => {
      for (let seed = first; seed < first + CHUNK; seed++)
        expect(await complaint('anything', seed)).toBeUndefined();
    },
  );
});

test.each(regressions)('$scenario, seed $seed: $found', async ({ scenario, seed }) => {
  expect(await complaint(scenario, seed)).toBeUndefined();
});

test('the same seed makes the same world', async () => {
  const scenario = scenarioNamed('anything');
  const [one, another] = [
    await simulate(scenario, 7, { isTraced: true }),
    await simulate(scenario, 7, { isTraced: true }),
  ];
  expect(one.steps).toBeGreaterThan(1000);
  expect(another).toEqual(one);
  // Looking on changes nothing.
  const { trace, ...untraced } = await simulate(scenario, 7);
  expect(trace).toEqual([]);
  expect(one).toMatchObject(untraced);
});
