import { expect, test } from 'vitest';
import { timelineSvg } from '../../scripts/timeline-svg.mjs';

const failed = { lane: 0, from: 0, to: 50, kind: 'failed' as const };
const drawn = timelineSvg({
  title: 'A fault of <one>',
  note: 'A note',
  lanes: [
    { name: 'one', states: [{ state: 'dead', from: 50, to: 100 }] },
    { name: 'two', states: [] },
  ],
  bars: [
    failed,
    { lane: 0, from: 10, to: 20, kind: 'first' },
    { lane: 1, from: 20, to: 40, kind: 'first' },
    { lane: 1, from: 51, to: 90, kind: 'further', after: failed },
  ],
  events: [{ at: 0, words: 'SIGKILL' }],
  axis: { from: 0, to: 100, step: 50, unit: 'ms', perUnit: 1 },
});

/** The bars of a kind: where each starts, its height, and where it ends. */
function barsOf(kind: string): number[][] {
  const [, written = ''] = new RegExp(`class="${kind}" d="([^"]+)"`).exec(drawn) ?? [];
  return Array.from(written.matchAll(/M([\d.]+) ([\d.]+)H([\d.]+)/g), (bar) =>
    bar.slice(1).map(Number),
  );
}

test('bars are as long as what they stand for, and those that overlap are below each other', () => {
  const [[start = 0, height = 0, end = 0] = []] = barsOf('failed');
  const [[, below = 0] = [], [from = 0, , to = 0] = []] = barsOf('first');
  expect(start).toBe(104);
  expect(end - start).toBe(360);
  expect(to - from).toBe(144);
  expect(below).toBeGreaterThan(height);
});

test('what looks the same is one path, and a further one for the legend', () => {
  for (const kind of ['first', 'failed', 'further'])
    expect(drawn.match(new RegExp(`<path class="${kind}"`, 'g'))).toHaveLength(2);
  expect(barsOf('first')).toHaveLength(2);
});

test('a way leads from a failed attempt to the next', () => {
  const [[, height, end] = []] = barsOf('failed');
  const [[start, below] = []] = barsOf('further');
  expect(drawn).toContain(`<path class="way" d="M${end} ${height}L${start} ${below}"/>`);
});

test('texts are escaped, and the dark theme has colours of its own', () => {
  expect(drawn).toContain('>A fault of &lt;one><');
  expect(drawn).toContain('@media (prefers-color-scheme:dark)');
});
