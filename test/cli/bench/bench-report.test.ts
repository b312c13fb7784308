import { describe, expect, test } from 'vitest';
import {
  benchCsv,
  benchJson,
  type BenchReport,
  benchText,
  ms,
} from '../../../lib/cli/bench/bench-report.js';
import { liveLine } from '../../../lib/cli/bench/live-line.js';
import { Measurement } from '../../../lib/cli/bench/measurement.js';
import type { BenchResult } from '../../../lib/cli/bench/run-bench.js';

const RESULT: BenchResult = {
  isInterrupted: false,
  calls: 20_100,
  answered: 20_000,
  failed: 100,
  unfinished: 0,
  notBegun: 0,
  elapsedMs: 10_000,
  perSecond: 2000,
  latency: { meanMs: 0.5, p50Ms: 0.4, p90Ms: 0.9, p99Ms: 12.34, p999Ms: 123.4, maxMs: 1234 },
  errors: { HANDLER: { count: 100, example: 'no stock, "sorry"' } },
  retried: 1,
  moved: 2,
  hedged: 3,
  servers: [
    {
      endpoint: 'tcp://a:5555',
      serverId: 'a',
      attempts: 15_000,
      share: 0.75,
      failed: 100,
      state: 'alive',
    },
    {
      endpoint: 'tcp://b:5555',
      serverId: undefined,
      attempts: 5000,
      share: 0.25,
      failed: 0,
      state: 'dead',
    },
  ],
};

const reportOf = (result: Partial<BenchResult> = {}): BenchReport => ({
  pattern: 'echo',
  plan: {
    load: { type: 'closed', concurrency: 16 },
    warmUpMs: 2000,
    durationMs: 10_000,
    graceMs: 1000,
  },
  result: { ...RESULT, ...result },
});

describe('the report of a bench', () => {
  test('is text for people', () => {
    expect(benchText(reportOf())).toBe(
      `echo: 16 at a time, for 10 s after 2 s of warm-up

answered   20,000 (2,000/s)
failed     100 (0.50 %)
           HANDLER 100: no stock, "sorry"
latency    p50 0.40 ms  p90 0.90 ms  p99 12.3 ms  p99.9 123 ms  max 1.23 s
attempts   1 retried, 2 moved, 3 hedged

server        id  attempts   share  failed  state
tcp://a:5555  a     15,000  75.0 %     100  alive
tcp://b:5555  -      5,000  25.0 %       0  dead
`,
    );
  });

  test('is CSV: names, and values in the same order', () => {
    const [names = '', values = '', end] = benchCsv(reportOf()).split('\n');
    expect(end).toBe('');
    expect(names.split(',').slice(0, 6)).toEqual([
      'pattern',
      'concurrency',
      'rate',
      'seconds',
      'calls',
      'answered',
    ]);
    expect(values).toBe(
      'echo,16,,10,20100,20000,100,0,0,2000,0.5,0.4,0.9,12.34,123.4,1234,1,2,3,HANDLER=100,tcp://a:5555=15000 tcp://b:5555=5000',
    );
    expect(values.split(',')).toHaveLength(names.split(',').length);
  });

  test('quotes what CSV would take for its own', () => {
    const report = { ...reportOf(), pattern: '{"cmd":"a","b":1}' };
    expect(benchCsv(report)).toContain('\n"{""cmd"":""a"",""b"":1}",16,');
  });

  test('is JSON', () => {
    const report = JSON.parse(benchJson(reportOf())) as object;
    expect(report).toMatchObject({
      pattern: 'echo',
      load: { concurrency: 16 },
      answered: 20_000,
      latency: { p99Ms: 12.34 },
    });
  });

  test('says what its figures hide', () => {
    expect(benchText(reportOf({ notBegun: 1234 }))).toMatch(
      /1,234 calls that were due did not begin/u,
    );
    expect(benchText(reportOf({ isInterrupted: true }))).toContain('Interrupted');
    expect(benchText(reportOf({ answered: 0 }))).toContain('No call was answered');
  });

  test('shows no quantile where there is none', () => {
    expect(ms(undefined)).toBe('-');
  });
});

test('the line of a terminal tells what is known so far', () => {
  const measured = new Measurement(0, 10_000);
  for (let call = 0; call < 100; call++) measured.callEnded(call, call + 3, { type: 'answered' });
  const plan = reportOf().plan;
  const progress = { elapsedMs: 1000, inFlight: 16, measured, now: 1000 };
  expect(liveLine(plan, { ...progress, phase: 'warming up' })).toBe(
    'warming up 1/2 s  16 in flight',
  );
  expect(liveLine(plan, { ...progress, phase: 'measuring' })).toMatch(
    /^1\/10 s {2}100\/s {2}p50 [23]\.\d\d ms {2}p99 \S+ ms {2}0 failed {2}16 in flight$/u,
  );
});
