import type { Row } from '../../benchmark/src/report/row.js';
import type { SubjectName } from '../../benchmark/src/subjects/registry.js';

/** The rows of all rounds for one number of a cell of `calls`. */
export function rowsOf(
  subject: SubjectName,
  cell: string,
  metric: string,
  values: readonly number[],
): Row[] {
  return values.map((value, index) => ({
    scenario: 'calls',
    cell,
    subject,
    round: index + 1,
    values: { [metric]: value },
  }));
}
