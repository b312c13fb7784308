import { type Row, valuesOf } from '../report/row.js';
import type { Cell } from '../scenarios/scenario.js';
import type { SubjectName } from '../subjects/registry.js';
import { type Act, rotated } from './plan.js';
import { Troupe } from './troupe.js';
import type { Watch } from './watch.js';

export interface Pace {
  readonly rounds: number;
  /** Measured in each cell. */
  readonly seconds: number;
}

/** Before a cell is measured, as a share of the time that it is measured. */
const WARM_UP = 1 / 3;

/** The first cell of new processes: all that they run is still to be compiled. */
const FIRST_WARM_UP = 1;

export type BrokerOf = (subject: SubjectName) => string;

/** Tells what each cell has told in a round. */
export type Listener = (cell: Cell, act: Act, rows: readonly Row[]) => void;

/** Every round measures everything, so that whatever the machine does meanwhile, it does to all. */
export async function measure(
  acts: readonly Act[],
  { rounds, seconds }: Pace,
  watch: Watch,
  brokerOf: BrokerOf,
  listener: Listener,
): Promise<Row[]> {
  const rows: Row[] = [];
  for (let round = 1; round <= rounds; round++) {
    for (const act of acts) {
      await withTroupes(act, watch, brokerOf, async (troupes) => {
        for (const [index, cell] of act.cells.entries()) {
          const warmUp = seconds * (index === 0 ? FIRST_WARM_UP : WARM_UP);
          const told: Row[] = [];
          for (const subject of rotated(cell.subjects, round - 1)) {
            const troupe = troupes.get(subject);
            if (!troupe) throw new Error(`${subject} has no processes`);
            const reading = await troupe.play(act.scenario.name, cell, {
              warmUp,
              measured: seconds,
            });
            told.push({
              scenario: act.scenario.name,
              cell: cell.name,
              subject,
              round,
              values: valuesOf(act.scenario, reading),
            });
          }
          rows.push(...told);
          listener(cell, act, told);
        }
      });
    }
  }
  return rows;
}

/** In each round the processes are new: what one of them happens to compile is no property of its subject. */
async function withTroupes(
  { cast, cells }: Act,
  watch: Watch,
  brokerOf: BrokerOf,
  work: (troupes: ReadonlyMap<SubjectName, Troupe>) => Promise<void>,
): Promise<void> {
  const troupes = new Map<SubjectName, Troupe>();
  try {
    for (const subject of new Set(cells.flatMap(({ subjects }) => subjects))) {
      const troupe = new Troupe(subject, watch, cast);
      troupes.set(subject, troupe);
      await troupe.gather(brokerOf(subject), cast);
    }
    await work(troupes);
  } finally {
    await Promise.all([...troupes.values()].map((troupe) => troupe.part()));
  }
}
