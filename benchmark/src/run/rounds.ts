import { type Row, valuesOf } from '../report/row.js';
import type { Cell } from '../scenarios/scenario.js';
import type { SubjectName } from '../subjects/registry.js';
import { Group } from './group.js';
import { type Pace, timesOf } from './pace.js';
import { type Block, rotated, subjectsOf } from './plan.js';
import type { Watch } from './watch.js';

export interface Stage {
  readonly watch: Watch;
  /** The address of the subject's broker, if it needs one. */
  brokerOf(subject: SubjectName): string;
  /** A cell has been measured for every subject. */
  measured(block: Block, cell: Cell, rows: readonly Row[]): void;
}

type Groups = ReadonlyMap<SubjectName, Group>;

/**
 * Each round measures everything, and each cell for one subject after another: whatever the machine does meanwhile affects
 * all of them.
 */
export async function runRounds(blocks: readonly Block[], pace: Pace, stage: Stage) {
  const rows: Row[] = [];
  for (let round = 1; round <= pace.rounds; round++) {
    for (const block of blocks) {
      await withGroups(block, stage, async (groups) => {
        for (const cell of block.cells) {
          const told = await measureCell(block, cell, round, pace, groups);
          rows.push(...told);
          stage.measured(block, cell, told);
        }
      });
    }
  }
  return rows;
}

/** New processes for every round: what one of them happens to compile is not a property of its subject. */
async function withGroups(
  block: Block,
  stage: Stage,
  work: (groups: Groups) => Promise<void>,
): Promise<void> {
  const groups = new Map<SubjectName, Group>();
  try {
    for (const subject of subjectsOf([block])) {
      groups.set(subject, new Group(subject, block.setup, stage.watch));
    }
    await Promise.all([...groups].map(([subject, group]) => group.start(stage.brokerOf(subject))));
    await work(groups);
  } finally {
    await Promise.all([...groups.values()].map((group) => group.end()));
  }
}

async function measureCell(
  { scenario, cells }: Block,
  cell: Cell,
  round: number,
  pace: Pace,
  groups: Groups,
): Promise<Row[]> {
  const times = timesOf(scenario, cell, pace, cell === cells[0]);
  const rows: Row[] = [];
  for (const [subject, group] of rotated([...groups], round - 1)) {
    if (!cell.subjects.includes(subject)) continue;
    try {
      const values = valuesOf(scenario, await group.measure(scenario.name, cell, times));
      rows.push({ scenario: scenario.name, cell: cell.name, subject, round, values });
    } catch (cause) {
      const why = cause instanceof Error ? cause.message : String(cause);
      throw new Error(`${scenario.name}, ${cell.name}, ${subject}: ${why}`, { cause });
    }
  }
  return rows;
}
