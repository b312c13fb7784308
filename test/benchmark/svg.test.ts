import { expect, test } from 'vitest';
import type { ChartBar } from '../../benchmark/src/report/charts/chart.js';
import { charts } from '../../benchmark/src/report/charts/charts.js';
import { svg } from '../../benchmark/src/report/charts/svg.js';
import { rowsOf } from './rows.js';

const bar = (label: string, value: number): ChartBar => ({
  label,
  value,
  low: value,
  high: value,
  text: String(value),
  tone: 'theirs',
});

const chartOf = (bars: readonly ChartBar[]) =>
  svg({ title: 'Calls', note: 'A note', columns: 2, panels: [{ title: 'Panel', bars }] });

/** Each is drawn up to its round corners, if it has any. */
const widths = (drawn: string) => {
  const [, shapes = ''] = /class="theirs" d="([^"]+)"/.exec(drawn) ?? [];
  return Array.from(
    shapes.matchAll(/M0 \d+h([\d.]+)(?:q(\d))?/g),
    ([, straight, corner = 0]) => Number(straight) + Number(corner),
  );
};

test.each([0.002, 50, 1e6])(
  'bars are proportional to their values, and the longest fits: %d',
  (value) => {
    const [first = 0, second = 0] = widths(chartOf([bar('a', value), bar('b', 4 * value)]));
    expect(second / first).toBeCloseTo(4, 1);
    expect(second).toBeGreaterThan(100);
    expect(second).toBeLessThan(430);
  },
);

test('bars of zero have no length', () => {
  expect(widths(chartOf([bar('a', 0)]))).toEqual([0]);
});

test('the spread reaches from minimum to maximum', () => {
  const drawn = chartOf([{ ...bar('a', 50), low: 25, high: 100 }]);
  const [, from = '', to = ''] = /class="spread" d="M([\d.]+) [\d.]+H([\d.]+)"/.exec(drawn) ?? [];
  expect(Number(to) / Number(from)).toBeCloseTo(4, 1);
});

test('bars of a tone are one path, and start where their names end', () => {
  const drawn = chartOf([bar('a', 1), { ...bar('b', 2), tone: 'ours' }, bar('c', 3)]);
  expect(drawn.match(/<path class="(?:theirs|ours|limit)"/g)).toHaveLength(2);
  expect(widths(drawn)).toHaveLength(2);
  expect(drawn).toContain('<g class="label" transform="translate(-8)">');
});

test('names are escaped', () => {
  expect(chartOf([bar('a < b & c', 1)])).toContain('>a &lt; b &amp; c<');
});

test('the dark theme has colours of its own', () => {
  expect(chartOf([bar('a', 1)])).toContain('@media (prefers-color-scheme:dark)');
});

test('a run has charts only of what it measured', () => {
  const rows = [
    ...rowsOf('freelance', '16 in flight', 'callsPerSecond', [100, 300, 200]),
    ...rowsOf('pipeline', '16 in flight', 'callsPerSecond', [9000]),
  ];
  const drawn = charts(rows);
  expect([...drawn.keys()]).toEqual(['calls']);
  expect(drawn.get('calls')?.panels).toEqual([
    {
      title: '16 in flight, calls/s',
      bars: [
        {
          label: 'nestjs-freelance',
          tone: 'ours',
          value: 200,
          low: 100,
          high: 300,
          text: '200',
        },
      ],
    },
  ]);
});
