import { coordinate } from '../../../benchmark/src/report/charts/elements.js';

export type Point = readonly [x: number, y: number];

/**
 * A line through points from left to right, as far as it can be seen: to half a pixel, with the highest and the lowest
 * point of each column of pixels, and without those in the middle of a straight stretch.
 */
export function path(points: readonly Point[]): string {
  const seen = bends(extremes(points));
  let written = '';
  let last = '';
  for (const [place, [x, y]] of seen.entries()) {
    const [fromX, fromY] = seen[place - 1] ?? [0, 0];
    const step = [x - fromX, y - fromY].map(coordinate);
    const command = place === 0 ? 'M' : y === fromY ? 'h' : x === fromX ? 'v' : 'l';
    const numbers = command === 'h' ? step.slice(0, 1) : command === 'v' ? step.slice(1) : step;
    written += (command === last ? ' ' : command) + numbers.join(' ');
    last = command;
  }
  return written.replaceAll(' -', '-');
}

/** The highest and the lowest point of each column of pixels, in the order in which the line comes to them. */
function extremes(points: readonly Point[]): Point[] {
  const columns = new Map<number, Point[]>();
  for (const [x, y] of points) {
    const column = columns.get(Math.round(x)) ?? [];
    columns.set(Math.round(x), column);
    column.push([Math.round(x), Math.round(y * 2) / 2]);
  }
  return [...columns.values()].flatMap((column) => {
    const heights = column.map(([, y]) => y);
    const [highest, lowest] = [Math.min(...heights), Math.max(...heights)].map((y) =>
      heights.indexOf(y),
    );
    return column.filter((_, place) => place === highest || place === lowest);
  });
}

function bends(points: readonly Point[]): Point[] {
  return points.filter(([x, y], place) => {
    const [before, after] = [points[place - 1], points[place + 1]];
    return (
      !before || !after || (x - before[0]) * (after[1] - y) !== (after[0] - x) * (y - before[1])
    );
  });
}
