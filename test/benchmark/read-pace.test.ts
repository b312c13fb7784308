import { expect, test } from 'vitest';
import { CONTRACT_PACE, readPace } from '../../benchmark/src/contract/read-pace.js';

test('the suite of contracts has a pace of its own', () => {
  expect(readPace([])).toEqual(CONTRACT_PACE);
  expect(readPace(['--rounds', '40', '--seconds', '0.1'])).toEqual({ rounds: 40, seconds: 0.1 });
});

test.each([
  [['--rounds', '4'], '--rounds takes a whole number from 5 to 1000'],
  [['--rounds', '5.5'], '--rounds takes a whole number'],
  [['--seconds', 'x'], '--seconds takes a number from 0.01 to 60'],
  [['--subjects', 'tcp'], "Unknown option '--subjects'"],
])('%j is refused', (args, message) => {
  expect(() => readPace(args)).toThrow(message);
});
