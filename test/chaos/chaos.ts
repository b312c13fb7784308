import { Logger } from '@nestjs/common';
import { writeFileSync } from 'node:fs';
import { seededRandom } from '../support/random.js';
import { Fleet } from './fleet/fleet.js';
import { fact, type Finding } from './judge/finding.js';
import { type Outcome, table } from './judge/table.js';
import { type ChaosOptions, readOptions, USAGE } from './options.js';
import type { Scenario, Stage } from './scenarios/scenario.js';

// Clients log every server that leaves and returns, which is the purpose here.
Logger.overrideLogger(['error', 'fatal']);

async function run({
  scenarios,
  isShort,
  minutes,
  seed,
  out,
  isJson,
}: ChaosOptions): Promise<void> {
  await using fleet = await Fleet.start();
  const outcomes: Outcome[] = [];
  for (const scenario of scenarios) {
    const progress = (what: string) => {
      if (!isJson) console.error(`${scenario.name}: ${what}`);
    };
    const stage: Stage = { fleet, isShort, minutes, random: seededRandom(seed), progress };
    const outcome = await play(scenario, stage);
    outcomes.push(outcome);
    if (isJson) console.log(JSON.stringify(outcome));
  }
  const isMissed = ({ holds, kind }: Finding) => !holds && (kind === 'fact' || !isShort);
  if (outcomes.some(({ findings }) => findings.some(isMissed))) process.exitCode = 1;
  if (!isJson) console.log(table(outcomes));
  if (out !== undefined) writeFileSync(out, `${table(outcomes)}\n`);
}

async function play(scenario: Scenario, stage: Stage): Promise<Outcome> {
  const { name, fault } = scenario;
  const startedAt = performance.now();
  const findings = await scenario
    .run(stage)
    .catch((error: unknown) => [fact('comes to its end', 'yes', String(error), false)]);
  return { name, fault, findings, seconds: (performance.now() - startedAt) / 1000 };
}

try {
  const options = readOptions(process.argv.slice(2));
  if (options.help) console.log(USAGE);
  else await run(options);
} catch (error) {
  console.error(error instanceof Error ? error.message : error);
  process.exitCode = 1;
}
