type Align = 'left' | 'right';

export interface Column {
  readonly heading: string;
  readonly align: Align;
}

/** A Markdown table in columns. */
export function table(columns: readonly Column[], rows: readonly (readonly string[])[]): string {
  const widths = columns.map(({ heading }, index) =>
    Math.max(3, heading.length, ...rows.map((row) => row[index]?.length ?? 0)),
  );
  const padded = (cells: readonly string[]) =>
    line(columns.map(({ align }, index) => pad(cells[index] ?? '', align, widths[index] ?? 0)));
  return [
    padded(columns.map(({ heading }) => heading)),
    line(columns.map(({ align }, index) => rule(align, widths[index] ?? 0))),
    ...rows.map(padded),
  ].join('\n');
}

/** The width of a line in this project, as its prettier has it. */
const LINE = 100;

/** @returns the Markdown without the padding of tables that are wider than a line, as this project's prettier has them */
export function withoutPadding(markdown: string): string {
  return markdown.replaceAll(/^\| .* \|$/gm, (row) => {
    if (row.length <= LINE) return row;
    const cells = row.slice(2, -2).split(' | ');
    return line(
      cells.map((cell) =>
        cell
          .trim()
          .replace(/^-{3,}$/, '---')
          .replace(/^-{2,}:$/, '--:'),
      ),
    );
  });
}

function line(cells: readonly string[]): string {
  return `| ${cells.join(' | ')} |`;
}

function pad(text: string, align: Align, width: number): string {
  return align === 'right' ? text.padStart(width) : text.padEnd(width);
}

function rule(align: Align, width: number): string {
  return align === 'right' ? `${'-'.repeat(width - 1)}:` : '-'.repeat(width);
}
