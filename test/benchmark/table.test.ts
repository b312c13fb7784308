import { check } from 'prettier';
import { expect, test } from 'vitest';
import { table } from '../../benchmark/src/report/table.js';

const columns = [
  { heading: 'over', align: 'left' },
  { heading: 'calls/s', align: 'right' },
  { heading: '×', align: 'right' },
] as const;

const rows = [
  ['nestjs-freelance', '41,200', '2.50×'],
  ['Nest TCP', '–', ''],
];

test('columns are as wide as their widest cell, with numbers aligned right', () => {
  expect(table(columns, rows)).toBe(
    [
      '| over             | calls/s |     × |',
      '| ---------------- | ------: | ----: |',
      '| nestjs-freelance |  41,200 | 2.50× |',
      '| Nest TCP         |       – |       |',
    ].join('\n'),
  );
});

test('prettier leaves the table unchanged', async () => {
  expect(await check(`${table(columns, rows)}\n`, { parser: 'markdown' })).toBe(true);
  expect(await check(`${table(columns, [])}\n`, { parser: 'markdown' })).toBe(true);
});
