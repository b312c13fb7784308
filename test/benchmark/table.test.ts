import { check, resolveConfig } from 'prettier';
import { expect, test } from 'vitest';
import { table, withoutPadding } from '../../benchmark/src/report/table.js';

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

const wide = [...rows, ['a'.repeat(100), '1', '']];

test('without padding, only a table that is wider than a line changes', () => {
  const narrow = table(columns, rows);
  const [head, rule, first] = withoutPadding(table(columns, wide)).split('\n');
  expect(withoutPadding(`Text\n\n${narrow}\n`)).toBe(`Text\n\n${narrow}\n`);
  expect(head).toBe('| over | calls/s | × |');
  expect(rule).toBe('| --- | --: | --: |');
  expect(first).toBe('| nestjs-freelance | 41,200 | 2.50× |');
});

test('prettier leaves the table unchanged', async () => {
  const options = { ...(await resolveConfig(import.meta.filename)), parser: 'markdown' };
  for (const some of [rows, [], wide]) {
    expect(await check(`${withoutPadding(table(columns, some))}\n`, options)).toBe(true);
  }
});
