import type { Cast, Cell, Scenario } from '../scenarios/scenario.js';
import type { SubjectName } from '../subjects/registry.js';

/** Cells that the same processes play, one after the other. */
export interface Act {
  readonly scenario: Scenario;
  readonly cast: Cast;
  readonly cells: readonly Cell[];
}

/** What is to be measured in each round. */
export function plan(
  scenarios: readonly Scenario[],
  isWanted: (subject: SubjectName) => boolean,
): Act[] {
  return scenarios.flatMap((scenario) => {
    const cells = scenario.cells
      .map((cell) => ({ ...cell, subjects: cell.subjects.filter(isWanted) }))
      .filter(({ subjects }) => subjects.length > 0);
    return [...new Set(cells.map(({ cast }) => cast))].map((cast) => ({
      scenario,
      cast,
      cells: cells.filter((cell) => cell.cast === cast),
    }));
  });
}

/** Begins with another one in each round, so that none always comes first, or always after the same. */
export function rotated<T>(items: readonly T[], by: number): T[] {
  const first = items.length === 0 ? 0 : by % items.length;
  return [...items.slice(first), ...items.slice(0, first)];
}
