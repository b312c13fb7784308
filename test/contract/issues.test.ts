import { describe, expect, test } from 'vitest';
import { describeIssues, readIssues } from '../../lib/contract/issues.js';

describe('the issues of a schema', () => {
  test('are read with their paths, whether of keys or of objects with keys', () => {
    const path = ['items', { key: 0, more: true }, { key: 'count' }];
    expect(readIssues([{ message: 'no', path, other: 1 }])).toEqual([
      { message: 'no', path: ['items', 0, 'count'] },
    ]);
  });

  test('become plain lists, whatever a library makes of its own', () => {
    /** As ArkType's: its constructor takes keys, where that of `Array` may take a length. */
    class Path extends Array<unknown> {
      constructor(...keys: unknown[]) {
        super();
        this.push(...keys);
      }
    }
    const issues = readIssues(new Path({ message: 'no', path: new Path('a', 'b') }));
    expect(issues).toStrictEqual([{ message: 'no', path: ['a', 'b'] }]);
    expect(readIssues([{ message: 'no', path: new Path() }])).toStrictEqual([{ message: 'no' }]);
  });

  test('become JSON, whatever is in their paths', () => {
    const path = [
      Symbol('secret'),
      Symbol.iterator,
      '__proto__',
      { key: 'constructor' },
      Number.NaN,
      undefined,
    ];
    expect(readIssues([{ message: 'no', path }])).toEqual([
      {
        message: 'no',
        path: [
          'Symbol(secret)',
          'Symbol(Symbol.iterator)',
          '__proto__',
          'constructor',
          'NaN',
          'undefined',
        ],
      },
    ]);
  });

  test('are bounded in number, in the length of their messages, and of their paths', () => {
    const path = Array.from({ length: 100_000 }, () => 'k'.repeat(1000));
    const given = Array.from({ length: 100_000 }, () => ({
      message: '\u0000'.repeat(10_000),
      path,
    }));
    const issues = readIssues(given);
    expect(issues).toHaveLength(20);
    // Less than a fragment of what came: one character is six in JSON.
    expect(JSON.stringify(issues).length).toBeLessThan(64 * 1024);
    expect(describeIssues(issues ?? [], given.length)).toMatch(/ \(and 99997 more\)$/);
  });

  test('in a message are three, in one line', () => {
    const issue = { message: 'no', path: ['a', 0] };
    expect(describeIssues([issue])).toBe('a.0: no');
    expect(describeIssues([{ message: 'no' }])).toBe('no');
    expect(describeIssues([issue, issue, issue])).toBe('a.0: no; a.0: no; a.0: no');
    expect(describeIssues([issue, issue, issue, issue])).toBe(
      'a.0: no; a.0: no; a.0: no (and 1 more)',
    );
    expect(describeIssues([{ message: 'no\nERROR forged', path: ['\u001B[31m'] }])).toBe(
      '\\u{1b}[31m: no\\nERROR forged',
    );
  });
});
