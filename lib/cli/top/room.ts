/** A part of the screen. */
export interface Part {
  /** How many lines it would fill, its title included. */
  readonly wants: number;
  /** How many it gets before parts that come later get any. */
  readonly first: number;
}

/** An empty line, a title and one line: fewer tell nothing. */
const FEWEST = 3;

/**
 * Divides the lines of a screen among its parts: each gets its first share, in their order; then each what it still wants,
 * in their order. A part that would get less than three lines gets none.
 */
export function divided(lines: number, parts: readonly Part[]): number[] {
  let left = lines;
  const got = parts.map(({ wants, first }) => {
    const share = Math.min(wants, first, left);
    const enough = share >= Math.min(FEWEST, wants) ? share : 0;
    left -= enough;
    return enough;
  });
  return got.map((share, at) => {
    if (share === 0) return 0;
    const more = Math.min((parts[at]?.wants ?? 0) - share, left);
    left -= more;
    return share + more;
  });
}
