import { describe, expect, test } from 'vitest';
import type { BroadcastOutcome } from '../../../lib/agents/client/broadcast-outcome.js';
import type { DiscoveryStats } from '../../../lib/agents/client/discovery-stats.js';
import { A, B, C, callRequest, type CallOptions, ClientBench } from '../../support/client-bench.js';

function broadcastTo(bench: ClientBench, options: CallOptions = {}) {
  const values: unknown[] = [];
  const done: (readonly BroadcastOutcome[])[] = [];
  const errors: unknown[] = [];
  const handle = bench.agent.broadcast(callRequest(options), {
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
  const bench = new ClientBench({ endpoints: [A, B] });
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

describe('before a discovery has named the first servers', () => {
  function undiscovered() {
    const origin = {
      hasAnswered: false,
      describe: () => 'The discovery fake has not named any server yet',
      stats: () => ({}) as DiscoveryStats,
    };
    const bench = new ClientBench({ endpoints: [], origin, maxPending: 2 });
    const found = (...endpoints: string[]) => {
      origin.hasAnswered = true;
      for (const endpoint of endpoints) bench.add(endpoint);
    };
    return { bench, found };
  }

  test('it waits for them, and reaches each', () => {
    const { bench, found } = undiscovered();
    const { values, answer, errors } = broadcastTo(bench);
    expect(bench.agent.stats().pending).toBe(1);
    found(A);
    bench.up(A);
    answer(A, 'from a');
    expect(values).toEqual(['from a']);
    expect(errors).toEqual([]);
    expect(bench.agent.stats()).toMatchObject({ pending: 0, calls: 1, errors: {} });
  });

  test('it fails if they do not come in time', () => {
    const { bench, found } = undiscovered();
    const { errors } = broadcastTo(bench);
    bench.clock.advance(4999);
    expect(errors).toEqual([]);
    bench.clock.advance(1);
    expect(errors).toMatchObject([{ code: 'ECONNREFUSED' }]);
    expect(String(errors[0])).toContain('Servers: none. The discovery fake has not named any');
    found(A);
    expect(bench.server(A).accept().pong().requests()).toEqual([]);
  });

  test('it waits no longer than its deadline, of which only the rest is left then', () => {
    const { bench, found } = undiscovered();
    const { errors } = broadcastTo(bench, { timeout: 2000 });
    bench.clock.advance(1500);
    found(A);
    bench.up(A);
    bench.clock.advance(499);
    expect(errors).toEqual([]);
    expect(bench.server(A).requests()).toMatchObject([{ headers: { timeout: 500 } }]);
  });

  test('its caller may leave, and the client may be closed', () => {
    const { bench, found } = undiscovered();
    const left = broadcastTo(bench);
    left.handle.cancel();
    const closed = broadcastTo(bench);
    bench.agent.close();
    expect(closed.errors).toMatchObject([{ code: 'CLOSED' }]);
    found(A);
    expect(left.errors).toEqual([]);
    expect(bench.agent.stats().pending).toBe(0);
  });

  test('it counts as open: there may be so many', () => {
    const { bench } = undiscovered();
    const all = [1, 2, 3].map(() => broadcastTo(bench));
    expect(all.map(({ errors }) => errors.length)).toEqual([0, 0, 1]);
    expect(all[2]?.errors).toMatchObject([{ code: 'OVERLOADED' }]);
  });
});

test('without a server it fails at once', () => {
  const bench = new ClientBench({ endpoints: [A] });
  bench.remove(A);
  const { done, errors } = broadcastTo(bench);
  expect(errors).toMatchObject([{ code: 'ECONNREFUSED' }]);
  expect(done).toEqual([]);
});

const failed = (endpoint: string, reason: string, code: string) => ({
  endpoint,
  type: 'failed',
  reason,
  error: { code },
});

test('waits for servers that have not answered yet, while those that live have it at once', () => {
  const bench = new ClientBench({ endpoints: [A, B, C] });
  bench.up(A);
  const { values, done, answer } = broadcastTo(bench);
  expect(bench.server(B).requests()).toEqual([]);
  answer(A, 'a');
  bench.up(C);
  answer(C, 'c');
  expect(done).toEqual([]);
  bench.up(B);
  answer(B, 'b');
  expect(values).toEqual(['a', 'c', 'b']);
  expect(done).toEqual([[answered(A), answered(C), answered(B)]]);
  expect(bench.agent.stats().pending).toBe(0);
});

test('the first thing that a client does may be a broadcast', () => {
  const bench = new ClientBench({ endpoints: [A, B, C] });
  const { values, done, answer } = broadcastTo(bench);
  bench.up(C, A, B);
  for (const endpoint of [A, B, C]) answer(endpoint, endpoint);
  expect(values).toEqual([A, B, C]);
  expect(done).toEqual([[answered(A), answered(B), answered(C)]]);
});

test('servers that cannot be called fail it at once, and say why', () => {
  const D = 'tcp://10.0.0.4:5555';
  const E = 'tcp://10.0.0.5:5555';
  const bench = new ClientBench({ endpoints: [A, B, C, D, E] });
  bench.up(A);
  bench.server(B).lost('the connection was refused');
  bench.server(C).accept().pong('negotiated', { state: 'draining' });
  bench.server(D).accept().pong('negotiated', { state: 'unready' });
  bench.server(E).lost('not authorized', 'unauthorized');
  const { done, answer } = broadcastTo(bench);
  answer(A, 'a');
  expect(done).toMatchObject([
    [
      failed(B, 'dead (the connection was refused)', 'ECONNREFUSED'),
      failed(C, 'draining', 'ECONNREFUSED'),
      failed(D, 'suspect (unready)', 'ECONNREFUSED'),
      failed(E, 'dead (not authorized)', 'UNAUTHORIZED'),
      answered(A),
    ],
  ]);
});

test('an unready server is asked what it is, and called for nothing else', () => {
  const bench = new ClientBench({ endpoints: [A] });
  bench.server(A).accept().pong('negotiated', { state: 'unready' });
  const { values, done, answer } = broadcastTo(bench, { pattern: '$freelance.info' });
  const { done: ofOther } = broadcastTo(bench, { pattern: 'freelance.info' });
  const { done: ofEvent } = broadcastTo(bench, { pattern: '$freelance.info', kind: 'event' });
  const refused = [[failed(A, 'suspect (unready)', 'ECONNREFUSED')]];
  expect(ofOther).toMatchObject(refused);
  expect(ofEvent).toMatchObject(refused);
  answer(A, 'who I am');
  expect(values).toEqual(['who I am']);
  expect(done).toEqual([[answered(A)]]);
});

test('a question that waits for the first PONG goes out even if that says unready, and fails if it says draining', () => {
  const bench = new ClientBench({ endpoints: [A, B] });
  const { done, answer } = broadcastTo(bench, { pattern: '$freelance.stats' });
  bench.server(A).accept().pong('negotiated', { state: 'unready' });
  bench.server(B).accept().pong('negotiated', { state: 'draining' });
  answer(A, 'what I do');
  expect(done).toMatchObject([[failed(B, 'draining', 'ECONNREFUSED'), answered(A)]]);
});

test('where a server turns out to be dead, it fails as soon as that is known', () => {
  const bench = new ClientBench({ endpoints: [A, B] });
  const { done } = broadcastTo(bench);
  bench.server(A).lost('the connection was refused');
  expect(done).toEqual([]);
  bench.server(B).accept().pong('negotiated', { state: 'unready' });
  expect(done).toMatchObject([
    [
      failed(A, 'dead (the connection was refused)', 'ECONNREFUSED'),
      failed(B, 'suspect (unready)', 'ECONNREFUSED'),
    ],
  ]);
  expect(bench.agent.stats().pending).toBe(0);
});

test('a call that waits for room keeps no broadcast from failing', () => {
  const bench = new ClientBench({ endpoints: [A, B], maxPendingPerServer: 1 });
  bench.up(A);
  bench.call();
  bench.call();
  const { done } = broadcastTo(bench);
  bench.server(B).lost('the connection was refused');
  expect(done).toEqual([]);
  for (const request of bench.server(A).requests()) bench.server(A).reply(request, 'a');
  for (const request of bench.server(A).requests()) bench.server(A).reply(request, 'a');
  for (const request of bench.server(A).requests()) bench.server(A).reply(request, 'a');
  expect(done).toMatchObject([[{ endpoint: B, type: 'failed' }, answered(A)]]);
});

test('waits no longer than connectTimeout for a server that says nothing', () => {
  const bench = new ClientBench({
    endpoints: [A, B],
    connectTimeout: 500,
    heartbeat: { interval: 1000, timeout: 3000 },
  });
  bench.up(A);
  const { done, answer } = broadcastTo(bench);
  answer(A, 'a');
  bench.beat(490, A);
  expect(done).toEqual([]);
  bench.beat(20, A);
  expect(done).toMatchObject([[answered(A), failed(B, 'connecting', 'ECONNREFUSED')]]);
});

test('waits no longer than its deadline', () => {
  const bench = new ClientBench({ endpoints: [A, B] });
  bench.up(A);
  const { done, answer } = broadcastTo(bench, { timeout: 200 });
  answer(A, 'a');
  bench.beat(210, A);
  expect(done).toMatchObject([[answered(A), failed(B, 'connecting', 'ETIMEDOUT')]]);
});

test('a server that is removed is not waited for', () => {
  const bench = new ClientBench({ endpoints: [A, B] });
  bench.up(A);
  const { done, answer } = broadcastTo(bench);
  answer(A, 'a');
  bench.remove(B);
  expect(done).toMatchObject([[answered(A), failed(B, 'removed', 'ECONNREFUSED')]]);
});

test('the last servers that are removed are not waited for either', () => {
  const bench = new ClientBench({ endpoints: [A, B] });
  const { done } = broadcastTo(bench);
  bench.remove(A);
  bench.remove(B);
  expect(done).toMatchObject([
    [failed(A, 'removed', 'ECONNREFUSED'), failed(B, 'removed', 'ECONNREFUSED')],
  ]);
});

test('closing the client ends it', () => {
  const bench = new ClientBench({ endpoints: [A, B] });
  bench.up(A);
  const { done } = broadcastTo(bench);
  bench.agent.close();
  expect(done).toMatchObject([
    [
      { endpoint: A, type: 'failed', error: { code: 'CLOSED' } },
      { endpoint: B, type: 'failed', error: { code: 'CLOSED' } },
    ],
  ]);
});

test('cancelling it ends it where it waits', () => {
  const bench = new ClientBench({ endpoints: [A, B] });
  const { handle, done } = broadcastTo(bench);
  handle.cancel();
  bench.up(A, B);
  expect(bench.server(A).requests()).toEqual([]);
  expect(done).toEqual([]);
  expect(bench.agent.stats().pending).toBe(0);
});

test('counts against maxPending with each server that may take it', () => {
  const bench = new ClientBench({ endpoints: [A, B, C], maxPending: 2 });
  bench.up(A);
  const { errors, done } = broadcastTo(bench);
  expect(errors).toMatchObject([
    { code: 'OVERLOADED', message: expect.stringContaining('each of 3 servers') },
  ]);
  expect(bench.agent.stats().pending).toBe(0);
  bench.server(C).lost();
  const second = broadcastTo(bench);
  expect(second.errors).toEqual([]);
  expect(bench.agent.stats().pending).toBe(2);
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

test('a reader at its own pace lets each server run ahead by its own window', () => {
  const bench = new ClientBench({ endpoints: [A, B] });
  bench.up(A, B);
  const { handle, values } = broadcastTo(bench, { paced: true });
  const sendFrom = (endpoint: string, count: number) => {
    const [request] = bench.server(endpoint).requests();
    if (!request) return;
    for (let n = 0; n < count; n++) {
      bench.server(endpoint).reply(request, `${endpoint} ${n}`, 'next');
    }
  };
  const credits = (endpoint: string) =>
    bench
      .server(endpoint)
      .told()
      .filter(({ type }) => type === 'credit').length;
  sendFrom(A, 16);
  sendFrom(B, 4);
  expect(values).toHaveLength(20);
  expect([credits(A), credits(B)]).toEqual([0, 0]);
  for (let n = 0; n < 16; n++) handle.read();
  bench.turns.end();
  // It was A's values that were read.
  expect([credits(A), credits(B)]).toEqual([1, 0]);
});
