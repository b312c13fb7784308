const BEGIN = '<!-- hosts:begin -->';
const END = '<!-- hosts:end -->';

/**
 * @returns the page with that table between its two marks
 * @throws Error if a mark is missing
 */
export function withTable(page: string, table: string): string {
  const begin = page.indexOf(BEGIN);
  const end = page.indexOf(END);
  if (begin === -1 || end < begin) throw new Error(`The page lacks ${BEGIN} … ${END}.`);
  return `${page.slice(0, begin)}${BEGIN}\n\n${table}\n\n${page.slice(end)}`;
}
