import { describe, expect, test } from 'vitest';
import { type Column, tableOf } from '../../../lib/cli/top/table.js';

interface Row {
  readonly name: string;
  readonly size: number;
}

const COLUMNS: readonly Column<Row>[] = [
  { title: 'NAME', align: 'left', rank: 0, min: 6, text: ({ name }) => name },
  { title: 'SIZE', align: 'right', rank: 1, text: ({ size }) => `${size}` },
  { title: 'TWICE', align: 'right', rank: 2, text: ({ size }) => `${2 * size}` },
];

const ROWS = [
  { name: 'a rather long name', size: 5 },
  { name: 'b', size: 1234 },
];

const linesAt = (width: number) => {
  const { titles, rows } = tableOf(COLUMNS, ROWS, width);
  return [titles, ...rows];
};

describe('a table', () => {
  test('is as wide as its widest cells, where there is room', () => {
    expect(linesAt(80)).toEqual([
      'NAME                SIZE  TWICE',
      'a rather long name     5     10',
      'b                   1234   2468',
    ]);
  });

  test('cuts what may be cut', () => {
    expect(linesAt(24)).toEqual([
      'NAME         SIZE  TWICE',
      'a rather l…     5     10',
      'b            1234   2468',
    ]);
  });

  test('loses the columns of the highest rank where that is not enough', () => {
    expect(linesAt(15)).toEqual(['NAME       SIZE', 'a rather…     5', 'b          1234']);
    expect(linesAt(6)).toEqual(['NAME  ', 'a rat…', 'b     ']);
    expect(linesAt(3)).toEqual(['NA…', 'a …', 'b  ']);
    expect(linesAt(0)).toEqual(['', '', '']);
  });
});
