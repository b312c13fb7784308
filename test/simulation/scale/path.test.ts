import { expect, test } from 'vitest';
import { path, type Point } from './path.js';

/** The points that a path leads through. */
function pointsOf(written: string): Point[] {
  const points: Point[] = [];
  let [x, y] = [0, 0];
  for (const [, command = '', rest = ''] of written.matchAll(/([Mlhv])([^Mlhv]*)/g)) {
    const numbers = Array.from(rest.matchAll(/-?(?:\d+\.?\d*|\.\d+)/g), ([number]) =>
      Number(number),
    );
    while (numbers.length > 0) {
      x += command === 'v' ? 0 : (numbers.shift() ?? NaN);
      y += command === 'h' ? 0 : (numbers.shift() ?? NaN);
      points.push([x, y]);
    }
  }
  return points;
}

test.each<[what: string, points: Point[], written: string]>([
  [
    'steps',
    [
      [0, 100],
      [5, 20],
      [10, 30],
      [15, 29.5],
    ],
    'M0 100l5-80 5 10 5-.5',
  ],
  [
    'level stretches',
    [
      [40, 7],
      [45, 7.1],
      [50, 6.9],
      [55, 9],
    ],
    'M40 7h10l5 2',
  ],
  [
    'straight slopes',
    [
      [0, 0],
      [10, 1],
      [20, 2],
      [30, 3],
    ],
    'M0 0l30 3',
  ],
  [
    'jumps',
    [
      [1, 0],
      [1.2, 8],
      [2, 8],
    ],
    'M1 0v8h1',
  ],
  ['a single point', [[3.4, 0.26]], 'M3 .5'],
])('%s are as short as they can be', (_, points, written) => {
  expect(path(points)).toBe(written);
  expect(path(pointsOf(written))).toBe(written);
});

test('a peak stays, however many points share its column of pixels', () => {
  const points = Array.from({ length: 1000 }, (_, place): Point => [
    place / 20,
    place === 507 ? 3 : 90,
  ]);
  const heights = pointsOf(path(points)).map(([, y]) => y);
  expect(Math.min(...heights)).toBe(3);
  expect(path(points)).toBe('M0 90h25v-87l1 87h24');
});

test('small steps do not add up to another place', () => {
  const points = Array.from({ length: 300 }, (_, place): Point => [
    place * 1.17,
    (place * 7.3) % 11,
  ]);
  const [x, y] = pointsOf(path(points)).at(-1) ?? [];
  expect(x).toBe(Math.round(299 * 1.17));
  expect(y).toBe(Math.round(2 * ((299 * 7.3) % 11)) / 2);
});
