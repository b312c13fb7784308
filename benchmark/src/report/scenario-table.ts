import type { Cell, Reference, Scenario } from '../scenarios/scenario.js';
import { type SubjectName, SUBJECTS } from '../subjects/registry.js';
import { rounded, spread, times } from './format.js';
import type { Row } from './row.js';
import { ratioOf, seriesOf, summaryOf } from './series.js';
import type { Summary } from './statistics.js';
import { table } from './table.js';

/** Per cell and subject: the first metric with its spread and ratio, then the others. */
export function scenarioTable(scenario: Scenario, rows: readonly Row[]): string {
  const [first, ...others] = scenario.metrics;
  const headings = [
    first.heading,
    'least–most',
    `× ${nameOf(scenario.reference)}`,
    ...others.map(({ heading }) => heading),
  ];
  return table(
    [
      { heading: 'what', align: 'left' },
      { heading: 'over', align: 'left' },
      ...headings.map((heading) => ({ heading, align: 'right' as const })),
    ],
    scenario.cells.flatMap((cell) =>
      cell.subjects.flatMap((subject) => lineOf(scenario, cell, subject, rows)),
    ),
  );
}

function lineOf(
  scenario: Scenario,
  cell: Cell,
  subject: SubjectName,
  rows: readonly Row[],
): string[][] {
  const [first, ...others] = scenario.metrics;
  const place = { scenario: scenario.name, cell: cell.name, subject, metric: first.key };
  const series = seriesOf(rows, place);
  const measured = summaryOf(series);
  if (!measured) return [];
  const ratio = ratioOf(series, seriesOf(rows, { ...place, ...scenario.reference }));
  return [
    [
      cell.name,
      SUBJECTS[subject].label,
      rounded(measured.median),
      spread(measured, rounded),
      ratio ? ratioText(ratio) : '–',
      ...others.map(({ key }) => {
        const other = summaryOf(seriesOf(rows, { ...place, metric: key }));
        return other ? rounded(other.median) : '–';
      }),
    ],
  ];
}

function ratioText(ratio: Summary): string {
  const range = spread(ratio, rounded);
  return range === '' ? times(ratio.median) : `${times(ratio.median)} (${range})`;
}

function nameOf(reference: Reference): string {
  return 'subject' in reference ? SUBJECTS[reference.subject].label : reference.cell;
}
