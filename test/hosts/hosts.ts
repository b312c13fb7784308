import { readFileSync, writeFileSync } from 'node:fs';
import { format, resolveConfig } from 'prettier';
import { fact, type Finding } from '../chaos/judge/finding.js';
import { type Outcome, table } from '../chaos/judge/table.js';
import { Fleet } from './fleet/fleet.js';
import { capabilities } from './network/requirements.js';
import { type HostsOptions, readOptions, USAGE } from './options.js';
import { withTable } from './page.js';
import { skipped } from './skipped.js';
import type { Scenario, ScenarioOptions } from './scenarios/scenario.js';

const PAGE = 'docs/hosts.md';

async function run({ scenarios, isStrict, isLong, isWriting }: HostsOptions): Promise<void> {
  const { missing, hasNetem } = await capabilities();
  if (missing.length > 0) {
    const { message, exitCode } = skipped(missing, Boolean(process.env['CI']));
    console.error(message);
    process.exitCode = exitCode;
    return;
  }
  const outcomes: Outcome[] = [];
  {
    await using fleet = await Fleet.make(hasNetem);
    endWithSignals(fleet);
    for (const scenario of scenarios) {
      const outcome = await play(scenario, fleet, { isLong });
      console.error(`${scenario.name}: ${outcome.seconds.toFixed(1)} s`);
      outcomes.push(outcome);
    }
  }
  console.error(
    `Delay was made by ${hasNetem ? 'tc netem' : 'a program: this kernel lacks netem'}.`,
  );
  const isMissed = ({ holds, kind }: Finding) => !holds && (kind === 'fact' || isStrict);
  if (outcomes.some(({ findings }) => findings.some(isMissed))) process.exitCode = 1;
  console.log(table(outcomes));
  if (isWriting) await write(table(outcomes));
}

async function write(results: string): Promise<void> {
  const page = withTable(readFileSync(PAGE, 'utf8'), results);
  writeFileSync(PAGE, await format(page, { ...(await resolveConfig(PAGE)), filepath: PAGE }));
}

async function play(scenario: Scenario, fleet: Fleet, options: ScenarioOptions): Promise<Outcome> {
  const { name, fault } = scenario;
  const startedAt = performance.now();
  const findings = await playOn(fleet, scenario, options).catch((error: unknown) => [
    fact('comes to its end', 'yes', String(error), false),
  ]);
  return { name, fault, findings, seconds: (performance.now() - startedAt) / 1000 };
}

async function playOn(
  fleet: Fleet,
  scenario: Scenario,
  options: ScenarioOptions,
): Promise<Finding[]> {
  await fleet.start();
  return scenario.run(fleet, options);
}

/** Leaves no namespace behind when it is interrupted. After SIGKILL, the next run removes them. */
function endWithSignals(fleet: Fleet): void {
  for (const signal of ['SIGINT', 'SIGTERM'] as const) {
    process.once(signal, () => void fleet[Symbol.asyncDispose]().finally(() => process.exit(1)));
  }
}

try {
  const options = readOptions(process.argv.slice(2));
  if (options.help) console.log(USAGE);
  else await run(options);
} catch (error) {
  console.error(error instanceof Error ? error.message : error);
  process.exitCode = 1;
}
