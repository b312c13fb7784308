import { parseArgs } from 'node:util';
import { SCENARIOS } from './scenarios/index.js';
import type { Scenario } from './scenarios/scenario.js';

export const USAGE = `npm run chaos -- [options]

  --only names   these scenarios, separated by commas: all if not told
                 ${SCENARIOS.map(({ name }) => name).join(', ')}
  --short        few rounds, and only facts are judged: what npm test runs
  --minutes n    how long the soak lasts: 1 if not told
  --seed n       what chance makes of the faults: 1 if not told
  --out file     writes the table there as well
  --json         one line of JSON for each scenario instead of the table
`;

export interface ChaosOptions {
  readonly help: boolean;
  readonly scenarios: readonly Scenario[];
  readonly isShort: boolean;
  readonly minutes: number;
  readonly seed: number;
  readonly out: string | undefined;
  readonly isJson: boolean;
}

/** @throws Error that names the wrong argument */
export function readOptions(args: readonly string[]): ChaosOptions {
  const { values } = parseArgs({
    args: [...args],
    options: {
      help: { type: 'boolean', default: false },
      only: { type: 'string' },
      short: { type: 'boolean', default: false },
      minutes: { type: 'string', default: '1' },
      seed: { type: 'string', default: '1' },
      out: { type: 'string' },
      json: { type: 'boolean', default: false },
    },
  });
  return {
    help: values.help,
    scenarios: values.only === undefined ? SCENARIOS : values.only.split(',').map(scenarioNamed),
    isShort: values.short,
    minutes: numberOf('--minutes', values.minutes),
    seed: numberOf('--seed', values.seed),
    out: values.out,
    isJson: values.json,
  };
}

function scenarioNamed(name: string): Scenario {
  const scenario = SCENARIOS.find((candidate) => candidate.name === name);
  if (scenario) return scenario;
  const known = SCENARIOS.map((candidate) => candidate.name).join(', ');
  throw new Error(`--only knows ${known}, but got '${name}'.`);
}

function numberOf(option: string, text: string): number {
  const number = Number(text);
  if (text.trim() !== '' && number > 0 && number < Infinity) return number;
  throw new Error(`${option} takes a number above 0, but got '${text}'.`);
}
