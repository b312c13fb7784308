import { describe, expect, test } from 'vitest';
import { A, B, type CallOptions, ClientBench } from '../../support/client-bench.js';

/** Two servers, of which the first gets every call that it can take. It rests once it fails far more than the other. */
const preferring = () =>
  new ClientBench({ maxFailures: 1000, balancer: { pick: ([first]) => first } });

const UNEXPECTED = { status: 'error', message: 'Internal server error' };
const EXPECTED = { status: 'error', message: 'there is no such order' };

/** So many calls to the first server, which is the only one, and has not answered when their time is over. */
function late(calls: number, options: CallOptions = {}) {
  const bench = preferring();
  bench.up(A);
  for (let n = 0; n < calls; n++) bench.call({ requestTimeout: 300, ...options });
  bench.beat(310, A);
  return bench;
}

const answerAll = (bench: ClientBench, value: unknown, status: 'last' | 'error' = 'last') => {
  for (const request of bench.server(A).requests()) bench.server(A).reply(request, value, status);
};

/** What becomes of the first server when the second one comes, and it fails one more call. */
function stateAfterOneMore(bench: ClientBench) {
  bench.up(B);
  bench.server(A).requests();
  bench.call({ idempotent: false });
  answerAll(bench, UNEXPECTED, 'error');
  return bench.agent.stats().endpoints[A]?.state;
}

describe('a call that is late counts as one failure of its server', () => {
  test('19 and one more are enough for it to rest', () => {
    expect(stateAfterOneMore(late(19))).toBe('suspect');
    expect(stateAfterOneMore(late(18))).toBe('alive');
  });

  test.each<[string, CallOptions, (bench: ClientBench) => void]>([
    ['when its deadline passes', { timeout: 1000 }, (bench) => bench.beat(1000, A)],
    ['when it is given up at last', {}, (bench) => bench.beat(1000, A)],
    ['when its answer is an error', {}, (bench) => answerAll(bench, UNEXPECTED, 'error')],
  ])('and as no further one %s', (_, options, end) => {
    const bench = late(12, options);
    end(bench);
    expect(bench.agent.stats().pending).toBe(0);
    expect(stateAfterOneMore(bench)).toBe('alive');
  });

  test('which its late answer does not undo', () => {
    const bench = preferring();
    bench.up(A);
    bench.call();
    answerAll(bench, 'in time');
    for (let n = 0; n < 24; n++) bench.call({ requestTimeout: 300 });
    bench.beat(310, A);
    answerAll(bench, 'late');
    expect(stateAfterOneMore(bench)).toBe('suspect');
  });
});

test('an error that is an answer counts as a success', () => {
  const bench = preferring();
  bench.up(A, B);
  const fail = (times: number, error: unknown) => {
    for (let n = 0; n < times; n++) {
      bench.call();
      answerAll(bench, error, 'error');
    }
  };
  fail(20, EXPECTED);
  fail(20, UNEXPECTED);
  expect(bench.states).toEqual(['alive', 'alive']);
  fail(1, UNEXPECTED);
  expect(bench.states).toEqual(['suspect', 'alive']);
});
