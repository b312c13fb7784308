import { check } from 'prettier';
import { expect, test } from 'vitest';
import { withResults } from '../../benchmark/src/report/readme.js';
import { report } from '../../benchmark/src/report/report.js';
import { type Results, resultsJson } from '../../benchmark/src/report/results.js';
import { rowsOf } from './rows.js';

const results: Results = {
  date: '2025-01-31',
  machine: { cpu: 'A processor', cores: 2, memoryGb: 4, os: 'Linux 6.1 x64' },
  versions: { node: '20.19.0', zeromq: '6.8.0' },
  engine: 'default',
  pace: { rounds: 3, seconds: 1.5 },
  rows: [
    ...rowsOf('freelance', '128 in flight', 'callsPerSecond', [30_000, 20_000, 40_000]),
    ...rowsOf('tcp', '128 in flight', 'callsPerSecond', [10_000, 10_000, 10_000]),
  ],
};

const readme = [
  '# A project',
  '',
  '<!-- benchmark:begin -->',
  '',
  'Old numbers.',
  '',
  '<!-- benchmark:end -->',
  '',
  'The rest.',
  '',
].join('\n');

test('the report has medians, their spread, and the ratio to the reference', () => {
  const line = report(results)
    .split('\n')
    .filter((text) => text.startsWith('| 128 in flight'))
    .map((text) => text.split('|').map((cell) => cell.trim()));
  expect(line.map((cells) => cells.slice(1, 6))).toEqual([
    ['128 in flight', 'nestjs-freelance', '30,000', '20,000–40,000', '3.00× (2.00–4.00)'],
    ['128 in flight', 'Nest TCP', '10,000', '', '1.00×'],
  ]);
});

test('the report omits what was not measured', () => {
  expect(report(results)).toContain('## Calls');
  expect(report(results)).not.toContain('## Streams');
});

test('a run that is too short for conclusions says so', () => {
  const warning = 'this run shows that it works';
  expect(report(results)).not.toContain(warning);
  expect(report({ ...results, pace: { rounds: 1, seconds: 0.2 } })).toContain(warning);
});

test('a run states its engine', () => {
  expect(report(results)).toContain('nestjs-freelance with its default engine.');
  expect(report({ ...results, engine: 'node' })).toContain(
    'nestjs-freelance with the engine node.',
  );
});

test("new numbers replace those between the README's marks, and nothing else changes", async () => {
  const text = withResults(readme, results);
  expect(text).toMatch(/^# A project\n\n<!-- benchmark:begin -->\n/);
  expect(text).toMatch(/\n<!-- benchmark:end -->\n\nThe rest\.\n$/);
  expect(text).not.toContain('Old numbers');
  expect(text).toMatch(/\| nestjs-freelance +\| +– \| +– \| +30,000 \|/);
  expect(text).toContain('A processor, 2 cores, 4 GB, Linux 6.1 x64; 2025-01-31.');
  expect(await check(text, { parser: 'markdown' })).toBe(true);
});

test('a second run leaves no trace of the first', () => {
  const once = withResults(readme, results);
  expect(withResults(once, results)).toBe(once);
});

test('a README without both marks is rejected', () => {
  expect(() => withResults('# A project\n', results)).toThrow('README.md lacks');
  expect(() => withResults('<!-- benchmark:begin -->\n', results)).toThrow('README.md lacks');
});

test('the raw results contain everything, one line per row', () => {
  const text = resultsJson(results);
  expect(JSON.parse(text)).toEqual(results);
  expect(text.split('\n').filter((line) => line.includes('"round":'))).toHaveLength(6);
});
