type Rows = readonly (readonly string[])[];

/**
 * Rows as columns, two spaces apart, without spaces at the end of lines.
 *
 * @param width cuts longer lines, if there is a terminal
 */
export function table(rows: Rows, width = Infinity): string {
  return tableLines(rows)
    .map((line) => `${cut(line, width)}\n`)
    .join('');
}

/** The same, a line each. @param isNumeric which columns are aligned at their right */
export function tableLines(
  rows: Rows,
  isNumeric: (column: number) => boolean = () => false,
): string[] {
  const widths: number[] = [];
  for (const row of rows) {
    for (const [column, { length }] of row.entries()) {
      widths[column] = Math.max(widths[column] ?? 0, length);
    }
  }
  return rows.map((row) =>
    row
      .map((cell, column) => {
        const width = widths[column] ?? 0;
        return isNumeric(column) ? cell.padStart(width) : cell.padEnd(width);
      })
      .join('  ')
      .trimEnd(),
  );
}

function cut(line: string, width: number): string {
  return line.length <= width ? line : `${line.slice(0, width - 1)}…`;
}
