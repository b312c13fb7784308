import { expect, test } from 'vitest';
import type { BroadcastOutcome } from '../../../lib/agents/client/broadcast.js';
import { A, B, C, callRequest, ClientBench } from '../../support/client-bench.js';

function broadcastTo(bench: ClientBench) {
  const values: unknown[] = [];
  const done: (readonly BroadcastOutcome[])[] = [];
  const errors: unknown[] = [];
  const handle = bench.agent.broadcast(callRequest(), {
    next: (value) => values.push(value),
    done: (outcomes) => done.push(outcomes),
    error: (error) => errors.push(error),
  });
  const answer = (endpoint: string, value: unknown, status: 'last' | 'error' = 'last') => {
    for (const request of bench.server(endpoint).requests()) {
      bench.server(endpoint).reply(request, value, status);
    }
  };
  return { handle, values, done, errors, answer };
}

const answered = (endpoint: string) => ({ endpoint, type: 'answered' });

test('reaches every server that lives, and ends when the last has answered', () => {
  const bench = new ClientBench({ endpoints: [A, B, C] });
  bench.up(A, B);
  const { values, done, answer } = broadcastTo(bench);
  answer(B, 'from b');
  expect(done).toEqual([]);
  answer(A, 'from a');
  expect(values).toEqual(['from b', 'from a']);
  expect(done).toEqual([[answered(B), answered(A)]]);
  expect(bench.agent.stats().pending).toBe(0);
});

test('a server that fails hides no answer of another, and is not replaced by one', () => {
  const bench = new ClientBench({ endpoints: [A, B, C] });
  bench.up(A, B, C);
  const { values, done, answer } = broadcastTo(bench);
  answer(A, 'no', 'error');
  bench.server(B).lost();
  answer(C, 'yes');
  expect(values).toEqual(['yes']);
  expect(done).toMatchObject([
    [
      { endpoint: A, type: 'failed', error: 'no' },
      { endpoint: B, type: 'failed', error: { code: 'ECONNRESET' } },
      answered(C),
    ],
  ]);
  expect(bench.server(A).requests()).toEqual([]);
});

test('without a server it fails at once', () => {
  const { done, errors } = broadcastTo(new ClientBench());
  expect(errors).toMatchObject([{ code: 'ECONNREFUSED' }]);
  expect(done).toEqual([]);
});

test('cancelling it cancels it everywhere', () => {
  const bench = new ClientBench();
  bench.up(A, B);
  const { handle, done } = broadcastTo(bench);
  handle.cancel();
  expect(bench.server(A).told()).toMatchObject([{ type: 'cancel' }]);
  expect(bench.server(B).told()).toMatchObject([{ type: 'cancel' }]);
  expect(done).toEqual([]);
  expect(bench.agent.stats().pending).toBe(0);
});

test('a basic server that is busy gets it when it has room', () => {
  const bench = new ClientBench({ endpoints: [A] });
  bench.server(A).accept().pong('basic');
  bench.call();
  const { values, answer } = broadcastTo(bench);
  answer(A, 'to the call before');
  answer(A, 'to the broadcast');
  expect(values).toEqual(['to the broadcast']);
});
