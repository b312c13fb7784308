import { parseArgs } from 'node:util';
import { SCENARIOS } from './scenarios/index.js';
import type { Scenario } from './scenarios/scenario.js';

export const USAGE = `npm run test:hosts -- [options]

  --only names   these scenarios, separated by commas: all if not told
                 ${SCENARIOS.map(({ name }) => name).join(', ')}
  --strict       times are judged as well: on a machine that has nothing else to do
  --long         the name server is silent for a minute, not for 20 s
  --write        writes the table into docs/hosts.md, of a long run
`;

export interface HostsOptions {
  readonly help: boolean;
  readonly scenarios: readonly Scenario[];
  readonly isStrict: boolean;
  readonly isLong: boolean;
  readonly isWriting: boolean;
}

/** @throws Error that names the wrong argument */
export function readOptions(args: readonly string[]): HostsOptions {
  const { values } = parseArgs({
    args: [...args],
    options: {
      help: { type: 'boolean', default: false },
      only: { type: 'string' },
      strict: { type: 'boolean', default: false },
      long: { type: 'boolean', default: false },
      write: { type: 'boolean', default: false },
    },
  });
  if (values.write && values.only !== undefined) {
    throw new Error('--write needs all scenarios: leave --only out.');
  }
  return {
    help: values.help,
    scenarios: values.only === undefined ? SCENARIOS : values.only.split(',').map(scenarioNamed),
    isStrict: values.strict,
    isLong: values.long || values.write,
    isWriting: values.write,
  };
}

function scenarioNamed(name: string): Scenario {
  const scenario = SCENARIOS.find((candidate) => candidate.name === name);
  if (scenario) return scenario;
  const known = SCENARIOS.map((candidate) => candidate.name).join(', ');
  throw new Error(`--only knows ${known}, but got '${name}'.`);
}
