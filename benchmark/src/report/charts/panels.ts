import type { Scenario } from '../../scenarios/scenario.js';
import { type SubjectName, SUBJECTS } from '../../subjects/registry.js';
import { rounded } from '../format.js';
import type { Metric } from '../metric.js';
import type { Row } from '../row.js';
import { type Place, seriesOf, summaryOf } from '../series.js';
import type { ChartBar, Panel, Tone } from './chart.js';

const OURS: SubjectName = 'freelance';

const LIMITS: ReadonlySet<SubjectName> = new Set(['echo', 'raw']);

/** A process that passes packets to itself would dwarf everything that uses a socket. */
const LEFT_OUT: SubjectName = 'pipeline';

/** A panel of one cell, with a bar per subject. */
export function bySubject(
  scenario: Scenario,
  cell: string,
  metric: Metric,
  rows: readonly Row[],
): Panel {
  const subjects = scenario.cells.find(({ name }) => name === cell)?.subjects ?? [];
  return {
    title: `${cell}, ${metric.heading}`,
    bars: subjects
      .filter((subject) => subject !== LEFT_OUT)
      .flatMap((subject) => {
        const place = { scenario: scenario.name, cell, subject, metric: metric.key };
        return barOf(SUBJECTS[subject].label, toneOf(subject), place, rows);
      }),
  };
}

/** A panel of this transport alone, with a bar per cell. */
export function byCell(scenario: Scenario, rows: readonly Row[]): Panel {
  const [metric] = scenario.metrics;
  return {
    title: `${scenario.title}, ${metric.heading}`,
    bars: scenario.cells.flatMap(({ name }) => {
      const place = { scenario: scenario.name, cell: name, subject: OURS, metric: metric.key };
      return barOf(name, 'ours', place, rows);
    }),
  };
}

/** Empty if the place was not measured. */
export function barOf(label: string, tone: Tone, place: Place, rows: readonly Row[]): ChartBar[] {
  const measured = summaryOf(seriesOf(rows, place));
  if (!measured) return [];
  const { median: value, low, high } = measured;
  return [{ label, tone, value, low, high, text: rounded(value) }];
}

function toneOf(subject: SubjectName): Tone {
  if (subject === OURS) return 'ours';
  return LIMITS.has(subject) ? 'limit' : 'theirs';
}
