import { expect, test } from 'vitest';
import { runLine } from '../../support/cli-io.js';

const env = { FREELANCE_ENDPOINTS: 'tcp://127.0.0.1:1' };

test.each([
  [['call', 'sum', '{a:1}'], 'column 2: expected a name in double quotes, or }'],
  [['call', '{cmd:1}'], 'the pattern, which begins with { and should be an object, is not JSON'],
  [['call'], "missing required argument 'pattern'"],
  [['call', 'sum', '1', '2'], 'too many arguments'],
  [['call', 'sum', '--metadata', 'x'], "argument 'x' is invalid. It must be KEY=VALUE."],
  [['call', 'sum', '--timeout', '-5'], '--timeout'],
  [['call', 'sum', '--hedge', '1', '--no-idempotent'], '--hedge may run the call twice'],
  [['call', 'sum', '--broadcast', '--key', 'a'], "cannot be used with option '--key <text>'"],
  [['call', 'sum', '--raw', '--json'], "option '--raw' cannot be used with option '--json'"],
  [['call', 'sum', '--text', '--bytes', 'a'], "cannot be used with option '--text'"],
  [['emit', 'sold', 'null'], 'null cannot be sent'],
  [['emit', 'sold', '--steam'], "unknown option '--steam'"],
])('wrong usage says what is wrong, and ends with 2: %j', async (args, message) => {
  const io = await runLine(args, { env });
  expect(io.complained).toContain(message);
  expect(io.written).toBe('');
  expect(io.exitCode).toBe(2);
});
