import { type Span, span, type Style } from './line.js';

const BARS = '▁▂▃▄▅▆▇█';

/** One column per level from 0 to 1. What is undefined is still to come. */
export function sparkline(levels: readonly (number | undefined)[], style: Style): Span[] {
  return levels.map((level) => {
    if (level === undefined) return span(' ');
    if (level <= 0) return span('·', 'red');
    const height = Math.min(BARS.length - 1, Math.floor(level * BARS.length));
    return span(BARS.charAt(height), style);
  });
}
