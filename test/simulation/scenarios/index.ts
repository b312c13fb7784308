import { anything, quiet } from './anything.js';
import { blinks } from './blinks.js';
import { broken } from './broken.js';
import { comeback } from './comeback.js';
import { deaths } from './deaths.js';
import { meddlers } from './meddlers.js';
import { overflow, pauses, resets } from './pauses.js';
import { herd } from './herd.js';
import { hoarding } from './hoarding.js';
import { once } from './once.js';
import { plain } from './plain.js';
import { repeating } from './repeating.js';
import { departures, rolling } from './rolling.js';
import { standstill } from './standstill.js';
import { storm } from './storm.js';
import { zone } from './zone.js';
import type { Scenario } from './scenario.js';

export const scenarios: readonly Scenario[] = [
  anything,
  quiet,
  plain,
  blinks,
  deaths,
  meddlers,
  pauses,
  resets,
  repeating,
  rolling,
  departures,
  overflow,
  standstill,
  once,
  herd,
  comeback,
  broken,
  zone,
  storm,
  hoarding,
];

/** @throws if there is no such scenario */
export function scenarioNamed(name: string): Scenario {
  const scenario = scenarios.find((candidate) => candidate.name === name);
  if (scenario) return scenario;
  const names = scenarios.map((candidate) => candidate.name).join(', ');
  throw new Error(`there is no scenario ${name}, but: ${names}`);
}
