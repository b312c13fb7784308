import { displayWidth, fitted } from './display-width.js';

type Paint = (text: string) => string;

export interface Column<Row> {
  readonly title: string;
  readonly align: 'left' | 'right';
  /** Without control characters. */
  readonly text: (row: Row) => string;
  /** Where there is no room for all, the columns of the highest rank go first. */
  readonly rank: number;
  /** How narrow it may become; as wide as its widest text, if left out. */
  readonly min?: number;
  readonly paint?: (row: Row) => Paint | undefined;
}

/** Lines of one width: the titles, then the rows. */
export interface Table {
  readonly titles: string;
  readonly rows: readonly string[];
}

const GAP = '  ';

/** Columns that fit into the width. Widths are those of all rows, so that they stay when the rows are scrolled. */
export function tableOf<Row>(
  columns: readonly Column<Row>[],
  rows: readonly Row[],
  width: number,
): Table {
  const kept = fit(
    columns.map((column) => ({ column, width: naturalWidth(column, rows) })),
    width,
  );
  const line = (cell: (column: Column<Row>, columns: number) => string) =>
    kept.map(({ column, width: columnWidth }) => cell(column, columnWidth)).join(GAP);
  return {
    titles: line(({ title, align }, columnWidth) => fitted(title, columnWidth, align)),
    rows: rows.map((row) =>
      line(({ text, align, paint }, columnWidth) => {
        const shown = fitted(text(row), columnWidth, align);
        return paint?.(row)?.(shown) ?? shown;
      }),
    ),
  };
}

interface Fit<Row> {
  readonly column: Column<Row>;
  width: number;
}

function naturalWidth<Row>({ title, text }: Column<Row>, rows: readonly Row[]): number {
  return Math.max(displayWidth(title), ...rows.map((row) => displayWidth(text(row))));
}

function fit<Row>(all: readonly Fit<Row>[], width: number): readonly Fit<Row>[] {
  let kept = all;
  while (kept.length > 1 && widthOf(kept.map(smallest)) > width) {
    const last = Math.max(...kept.map(({ column }) => column.rank));
    kept = kept.filter(({ column }) => column.rank !== last);
  }
  for (let excess = widthOf(kept.map((one) => one.width)) - width; excess > 0; excess--) {
    const shrinkable = kept.filter((one) => one.width > smallest(one));
    // A single column, wider than everything.
    const widest = (shrinkable.length > 0 ? shrinkable : kept).reduce((one, other) =>
      other.width > one.width ? other : one,
    );
    widest.width = Math.max(widest.width - 1, 0);
  }
  return kept;
}

function smallest<Row>({ column, width }: Fit<Row>): number {
  return Math.min(column.min ?? width, width);
}

function widthOf(widths: readonly number[]): number {
  return widths.reduce((sum, width) => sum + width, 0) + GAP.length * (widths.length - 1);
}
