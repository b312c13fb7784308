import { anything, quiet } from './anything.js';
import type { Scenario } from './scenario.js';

export const scenarios: readonly Scenario[] = [anything, quiet];

/** @throws if there is no such scenario */
export function scenarioNamed(name: string): Scenario {
  const scenario = scenarios.find((candidate) => candidate.name === name);
  if (scenario) return scenario;
  const names = scenarios.map((candidate) => candidate.name).join(', ');
  throw new Error(`there is no scenario ${name}, but: ${names}`);
}
