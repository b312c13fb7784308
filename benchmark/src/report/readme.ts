import { calls } from '../scenarios/calls.js';
import type { Scenario } from '../scenarios/scenario.js';
import { secure } from '../scenarios/secure.js';
import { type SubjectName, SUBJECTS } from '../subjects/registry.js';
import { about } from './about.js';
import { rounded } from './format.js';
import { callsPerSecond, clientCpuPerCall, p99, serverCpuPerCall } from './metrics.js';
import type { Metric } from './metric.js';
import type { Results } from './results.js';
import type { Row } from './row.js';
import { seriesOf, summaryOf } from './series.js';
import { table } from './table.js';

const BEGIN = '<!-- benchmark:begin -->';
const END = '<!-- benchmark:end -->';

/** The cell that the columns after the rates refer to. */
const BUSY = '128 in flight';

/**
 * @returns the README with a run's results between its two marks
 * @throws Error if a mark is missing
 */
export function withResults(readme: string, results: Results): string {
  const begin = readme.indexOf(BEGIN);
  const end = readme.indexOf(END);
  if (begin === -1 || end < begin) throw new Error(`README.md lacks ${BEGIN} … ${END}.`);
  return `${readme.slice(0, begin)}${BEGIN}\n\n${section(results)}\n\n${readme.slice(end)}`;
}

function section(results: Results): string {
  return [
    '![Calls per second](benchmark/results/calls.svg)',
    callsTable(results.rows),
    '![Payloads](benchmark/results/payloads.svg)',
    ...about(results),
    '`npm run bench` repeats it: [all tables](benchmark/results/table.md), [how it is measured](benchmark/README.md).',
  ].join('\n\n');
}

function callsTable(rows: readonly Row[]): string {
  const lines = [calls, secure].flatMap((scenario) =>
    (scenario.cells[0]?.subjects ?? []).map((subject) => ({ scenario, subject })),
  );
  const columns = [
    ...calls.cells.map(({ name }) => ({ heading: name, cell: name, metric: callsPerSecond })),
    ...[p99, clientCpuPerCall, serverCpuPerCall].map((metric) => ({
      heading: metric.heading,
      cell: BUSY,
      metric,
    })),
  ];
  return [
    `Calls per second; then, ${BUSY}, latency and CPU:`,
    table(
      [
        { heading: 'over', align: 'left' },
        ...columns.map(({ heading }) => ({ heading, align: 'right' as const })),
      ],
      lines.map(({ scenario, subject }) =>
        [SUBJECTS[subject].label].concat(
          columns.map(({ cell, metric }) => numberAt(rows, scenario, cell, subject, metric)),
        ),
      ),
    ),
  ].join('\n\n');
}

function numberAt(
  rows: readonly Row[],
  scenario: Scenario,
  cell: string,
  subject: SubjectName,
  { key }: Metric,
): string {
  const place = { scenario: scenario.name, cell, subject, metric: key };
  const measured = summaryOf(seriesOf(rows, place));
  return measured ? rounded(measured.median) : '–';
}
