import type { Cell, Scenario, Setup } from '../scenarios/scenario.js';
import type { SubjectName } from '../subjects/registry.js';

/** Cells of one scenario that the same processes measure, one after another. */
export interface Block {
  readonly scenario: Scenario;
  readonly setup: Setup;
  readonly cells: readonly Cell[];
}

/** What to measure in each round. */
export function plan(
  scenarios: readonly Scenario[],
  isWanted: (subject: SubjectName) => boolean,
): Block[] {
  return scenarios.flatMap((scenario) => {
    const cells = scenario.cells
      .map((cell) => ({ ...cell, subjects: cell.subjects.filter(isWanted) }))
      .filter(({ subjects }) => subjects.length > 0);
    return [...new Set(cells.map(({ setup }) => setup))].map((setup) => ({
      scenario,
      setup,
      cells: cells.filter((cell) => cell.setup === setup),
    }));
  });
}

export function subjectsOf(blocks: readonly Block[]): SubjectName[] {
  const cells = blocks.flatMap((block) => block.cells);
  return [...new Set(cells.flatMap(({ subjects }) => subjects))];
}

/** Starts with a different item each round, so that none is always first, or always follows the same one. */
export function rotated<T>(items: readonly T[], round: number): T[] {
  const first = items.length === 0 ? 0 : round % items.length;
  return [...items.slice(first), ...items.slice(0, first)];
}
