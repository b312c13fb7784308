import { calls } from './calls.js';
import type { Cell, Scenario } from './scenario.js';

export const SCENARIOS: readonly Scenario[] = [calls];

export function findScenario(name: string): Scenario {
  const scenario = SCENARIOS.find((candidate) => candidate.name === name);
  if (!scenario) throw new Error(`there is no scenario '${name}'`);
  return scenario;
}

export function findCell(scenario: string, name: string): Cell {
  const cell = findScenario(scenario).cells.find((candidate) => candidate.name === name);
  if (!cell) throw new Error(`there is no cell '${name}' of the scenario '${scenario}'`);
  return cell;
}
