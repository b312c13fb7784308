import { describe, expect, test } from 'vitest';
import { coloursOf } from '../../../lib/cli/colours.js';
import { PINGS_AS_JSON, pingsForPeople } from '../../../lib/cli/ping/ping-report.js';
import type { PingOutcome } from '../../../lib/cli/ping/pinger.js';
import { ServerPings } from '../../../lib/cli/ping/server-pings.js';

const ENDPOINT = 'tcp://127.0.0.1:5555';

function answered(ms: number, more: object = {}): PingOutcome {
  const hello = {
    protocol: 2,
    id: 'math-1',
    capabilities: [],
    state: 'ready',
    load: 0.256,
    ...more,
  };
  const pong = { type: 'pong', dialect: 'negotiated', id: '1', time: '1', hello } as const;
  return { type: 'answered', ms, connectMs: undefined, pong: pong as never };
}

const failed: PingOutcome = { type: 'failed', reason: 'renew security.cert\u001B[2J' };

function summaryOf(...outcomes: PingOutcome[]) {
  const pings = new ServerPings(ENDPOINT);
  for (const outcome of outcomes) pings.add(outcome);
  return pings.summary();
}

describe('pings for people', () => {
  const report = pingsForPeople(coloursOf(false, {}));

  test('are a line each', () => {
    expect(report.settled(ENDPOINT, 3, answered(1.23456))).toBe(
      'tcp://127.0.0.1:5555 math-1: seq=3 time=1.235 ms ready load=26%\n',
    );
    const first = { ...answered(1, { state: 'draining', id: '' }), connectMs: 20 } as PingOutcome;
    expect(report.settled(ENDPOINT, 1, first)).toBe(
      'tcp://127.0.0.1:5555: seq=1 time=1.000 ms draining load=26% (connected in 20.000 ms)\n',
    );
  });

  test('that fail say why in the words of flags, and cannot make a terminal do anything', () => {
    expect(report.settled(ENDPOINT, 1, failed)).toBe(
      'tcp://127.0.0.1:5555: seq=1 failed: renew --tls-cert\\u{1b}[2J\n',
    );
    expect(report.settled(ENDPOINT, 1, answered(1, { id: 'a\u001B[2J\n' }))).toContain(
      'a\\u{1b}[2J\\n: seq=1',
    );
  });

  test('are summed up; the state is the latest', () => {
    const outcomes = [answered(2), failed, answered(4, { state: 'unready' })];
    expect(report.summary(summaryOf(...outcomes))).toBe(
      '\n--- tcp://127.0.0.1:5555 (math-1, negotiated dialect) ---\n' +
        '3 pings, 2 answered, 33% lost\n' +
        'round trip min/avg/max/stddev = 2.000/3.000/4.000/1.000 ms\n',
    );
    expect(summaryOf(...outcomes).facts?.state).toBe('unready');
    expect(summaryOf(failed, answered(1)).failure).toBeUndefined();
    expect(report.summary(summaryOf(failed))).toContain('(no answer) ---\n1 ping, 0 answered');
  });
});

test('pings for programs cannot make a terminal do anything either', () => {
  const line = PINGS_AS_JSON.settled(ENDPOINT, 1, { type: 'failed', reason: 'a\u009B2Jb\u202E' });
  expect(line).toContain(String.raw`a\u009b2Jb\u202e`);
});

test('pings for programs are a JSON object a line, to the microsecond', () => {
  expect(JSON.parse(PINGS_AS_JSON.settled(ENDPOINT, 1, answered(1.2345678)))).toEqual({
    type: 'ping',
    endpoint: ENDPOINT,
    sequence: 1,
    ms: 1.235,
    serverId: 'math-1',
    dialect: 'negotiated',
    state: 'ready',
    load: 0.256,
  });
  expect(JSON.parse(PINGS_AS_JSON.summary(summaryOf(answered(2), failed)))).toMatchObject({
    pings: 2,
    answered: 1,
    failure: failed.reason,
    roundTrip: { minMs: 2, avgMs: 2, maxMs: 2, stddevMs: 0 },
  });
});
