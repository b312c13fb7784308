import { SCENARIOS } from '../scenarios/registry.js';
import { about } from './about.js';
import { barsTable } from './bars-table.js';
import type { Results } from './results.js';
import { scenarioTable } from './scenario-table.js';

/** All tables of a run, as a Markdown page. */
export function report(results: Results): string {
  const { rows } = results;
  const measured = SCENARIOS.filter(({ name }) => rows.some(({ scenario }) => scenario === name));
  return [
    '# Results',
    ...about(results),
    '## What was to be reached',
    'Ratios are of the same round, and the median of the rounds; for p50, p99 and CPU less is better.',
    barsTable(rows),
    ...measured.flatMap((scenario) => [
      `## ${scenario.title}`,
      scenario.about,
      scenarioTable(scenario, rows),
    ]),
    '',
  ].join('\n\n');
}
