import { calls } from './calls.js';
import { crowd } from './crowd.js';
import { events } from './events.js';
import { idle } from './idle.js';
import { payloads } from './payloads.js';
import { scale } from './scale.js';
import type { Cell, Scenario } from './scenario.js';
import { secure } from './secure.js';
import { servers } from './servers.js';
import { streams } from './streams.js';

/** In the order of their tables. */
export const SCENARIOS: readonly Scenario[] = [
  calls,
  secure,
  payloads,
  streams,
  events,
  servers,
  idle,
  crowd,
  scale,
];

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
