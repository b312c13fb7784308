import { describe, expect, test } from 'vitest';
import type { FreelanceError } from '../../../lib/core/freelance-error.js';
import type { Request } from '../../../lib/protocol/messages.js';
import { A, B, C, ClientBench, type FakeServer } from '../../support/client-bench.js';

/** The server's answer to what it has been asked since it was last looked at. */
function answer(server: FakeServer, value: unknown): void {
  for (const request of server.requests()) server.reply(request, value);
}

function cancels(server: FakeServer): string[] {
  return server.told().flatMap((told) => (told.type === 'cancel' ? [told.id] : []));
}

function idOf(request: Request | undefined): string | undefined {
  return request?.dialect === 'basic' ? undefined : request?.id;
}

describe('one server, which takes longer than an attempt may', () => {
  test('runs the call once, and its late answer is the answer', () => {
    const bench = new ClientBench({ endpoints: [A] });
    const [server] = bench.up(A);
    const call = bench.call({ requestTimeout: 300 });
    const requests = server?.requests() ?? [];
    bench.beat(890, A);
    expect([server?.requests(), cancels(bench.server(A))]).toEqual([[], []]);
    expect(call.ends).toEqual([]);
    for (const request of requests) server?.reply(request, 'late');
    expect(call).toMatchObject({ values: ['late'], ends: ['complete'] });
    expect(requests).toHaveLength(1);
    expect(bench.agent.stats()).toMatchObject({ pending: 0, endpoints: { [A]: { pending: 0 } } });
  });

  test('is cancelled when its attempts would have been over, and the error says that it may have run there', () => {
    const bench = new ClientBench({ endpoints: [A] });
    bench.up(A);
    const call = bench.call({ requestTimeout: 300, maxAttempts: 3 });
    bench.server(A).requests();
    bench.beat(890, A);
    expect(call.ends).toEqual([]);
    bench.beat(10, A);
    expect(call.ends).toMatchObject([
      {
        code: 'ETIMEDOUT',
        mayHaveRun: 1,
        attempts: [{ endpoint: A, outcome: 'no answer within 900 ms' }],
      },
    ]);
    expect(bench.server(A).requests()).toEqual([]);
    expect(cancels(bench.server(A))).toHaveLength(1);
  });

  test.each([
    [200, 'shorter'],
    [5000, 'longer'],
  ])('has until the deadline, if there is one: %d ms, which is %s', (timeout) => {
    const bench = new ClientBench({ endpoints: [A] });
    bench.up(A);
    const call = bench.call({ requestTimeout: 300, timeout });
    bench.beat(timeout - 10, A);
    expect(call.ends).toEqual([]);
    bench.beat(10, A);
    expect(call.code).toBe('ETIMEDOUT');
    expect(bench.server(A).requests()).toHaveLength(1);
  });

  test.each([
    ['must not run twice', { idempotent: false }],
    ['has one attempt in all', { maxAttempts: 1 }],
  ])('has the time of one attempt if the call %s', (_, options) => {
    const bench = new ClientBench({ endpoints: [A] });
    bench.up(A);
    const call = bench.call({ requestTimeout: 300, ...options });
    bench.beat(300, A);
    expect(call.code).toBe('ETIMEDOUT');
    expect(cancels(bench.server(A))).toHaveLength(1);
  });

  test('may yield a stream late: then requestTimeout bounds it no more', () => {
    const bench = new ClientBench({ endpoints: [A] });
    const [server] = bench.up(A);
    const call = bench.call({ requestTimeout: 300 });
    const [request] = server?.requests() ?? [];
    bench.beat(400, A);
    if (request) server?.reply(request, 1, 'next');
    bench.server(A);
    bench.beat(3000, A);
    if (request) server?.reply(request, 2, 'last');
    expect(call).toMatchObject({ values: [1, 2], ends: ['complete'] });
  });

  test('counts as failing once, also when the call is given up at last', () => {
    const bench = new ClientBench({ endpoints: [A], maxFailures: 10 });
    bench.up(A);
    const call = bench.call({ requestTimeout: 300, maxAttempts: 3 });
    bench.beat(1000, A);
    expect(call.code).toBe('ETIMEDOUT');
    expect(bench.agent.stats().endpoints[A]).toMatchObject({ failures: 1 });
  });

  test('counts as failing once for each call, rests, and is not forgiven by late answers', () => {
    const bench = new ClientBench({ endpoints: [A], maxFailures: 3 });
    const [server] = bench.up(A);
    const calls = [1, 2, 3].map(() => bench.call({ requestTimeout: 300 }));
    bench.beat(250, A);
    expect(bench.agent.stats().endpoints[A]).toMatchObject({ failures: 0, state: 'alive' });
    bench.beat(100, A);
    if (server) answer(server, 'late');
    expect(calls.map(({ values }) => values)).toEqual([['late'], ['late'], ['late']]);
    expect(bench.agent.stats().endpoints[A]).toMatchObject({ failures: 3, state: 'suspect' });
  });

  test('a trial that is late sends its server back to rest, and its late answer does not end another trial', () => {
    const bench = new ClientBench({ endpoints: [A], maxFailures: 1 });
    const [server] = bench.up(A);
    bench.call({ requestTimeout: 300, maxAttempts: 1 });
    bench.beat(3300, A);
    server?.requests();
    const trial = bench.call({ requestTimeout: 300 });
    const [request] = server?.requests() ?? [];
    bench.beat(350, A);
    expect(bench.agent.stats().endpoints[A]).toMatchObject({ state: 'suspect', ejections: 2 });
    if (request) server?.reply(request, 'late');
    expect(trial.values).toEqual(['late']);
    expect(bench.states).toEqual(['suspect']);
  });
});

test('a trial that is late is none any more: its end makes no room for another one beside that under way', () => {
  const bench = new ClientBench({ maxFailures: 1, balancer: { pick: ([first]) => first } });
  bench.up(A);
  bench.call({ requestTimeout: 300, maxAttempts: 1 });
  bench.beat(3300, A);
  bench.call({ requestTimeout: 300, timeout: 60_000 });
  bench.beat(310, A);
  expect(bench.agent.stats().endpoints[A]).toMatchObject({ state: 'suspect', ejections: 2 });
  bench.beat(6100, A);
  bench.server(A).requests();
  bench.call({ requestTimeout: 60_000 });
  expect(bench.server(A).requests()).toHaveLength(1);
  // To which the late one moves.
  bench.up(B);
  expect(bench.server(B).requests()).toHaveLength(1);
  bench.call();
  expect([bench.server(A).requests().length, bench.server(B).requests().length]).toEqual([0, 1]);
});

describe('another server', () => {
  test('is asked, and the first is told to stop', () => {
    const bench = new ClientBench();
    const [a, b] = bench.up(A, B);
    const call = bench.call({ requestTimeout: 300 });
    const [first] = a?.requests() ?? [];
    bench.beat(300, A, B);
    expect(cancels(bench.server(A))).toEqual([idOf(first)]);
    // What it still says is not heard.
    if (first) a?.reply(first, 'too late');
    expect(call.values).toEqual([]);
    if (b) answer(b, 'from b');
    expect(call).toMatchObject({ values: ['from b'], ends: ['complete'] });
  });

  test('that does not answer either keeps the call: the first is not asked again', () => {
    const bench = new ClientBench();
    bench.up(A, B);
    const call = bench.call({ requestTimeout: 300, maxAttempts: 4 });
    bench.beat(1190, A, B);
    expect(bench.server(A).requests()).toHaveLength(1);
    const requests = bench.server(B).requests();
    expect(requests).toHaveLength(1);
    expect(call.ends).toEqual([]);
    bench.beat(10, A, B);
    expect(call.ends).toMatchObject([{ code: 'ETIMEDOUT', mayHaveRun: 2 }]);
    expect(String(call.ends[0])).toContain('may have run at 2 servers');
  });

  test('that comes up later gets the call, and the first is told to stop', () => {
    const bench = new ClientBench();
    bench.up(A);
    const call = bench.call({ requestTimeout: 300 });
    bench.beat(400, A);
    bench.up(B);
    expect(cancels(bench.server(A))).toHaveLength(1);
    answer(bench.server(B), 'from b');
    expect(call).toMatchObject({ values: ['from b'], ends: ['complete'] });
  });

  test('that has room later gets the call', () => {
    const bench = new ClientBench({ maxPendingPerServer: 1 });
    bench.up(A, B);
    bench.call({ requestTimeout: 300 });
    const other = bench.call({ requestTimeout: 10_000 });
    bench.beat(400, A, B);
    expect(cancels(bench.server(A))).toEqual([]);
    answer(bench.server(B), 'done');
    expect(other.ends).toEqual(['complete']);
    bench.beat(200, A, B);
    expect(bench.server(B).requests()).toHaveLength(1);
    expect(cancels(bench.server(A))).toHaveLength(1);
  });

  test('that has no room does not prolong the time of the call', () => {
    const bench = new ClientBench({
      maxPendingPerServer: 1,
      balancer: { pick: ([first]) => first },
    });
    bench.up(A, B);
    bench.call({ requestTimeout: 60_000 });
    const call = bench.call({ requestTimeout: 300, maxAttempts: 3 });
    expect(bench.server(B).requests()).toHaveLength(1);
    bench.beat(890, A, B);
    expect(call.ends).toEqual([]);
    bench.beat(20, A, B);
    expect(call.code).toBe('ETIMEDOUT');
  });

  test('that dies does not send the call back to the one that may still run it', () => {
    const bench = new ClientBench();
    bench.up(A, B);
    const call = bench.call({ requestTimeout: 300 });
    bench.server(A).requests();
    bench.beat(300, A, B);
    bench.server(B).lost();
    bench.beat(1000, A);
    expect(bench.server(A).requests()).toEqual([]);
    // A process that came in its place does not run it.
    bench.server(A).lost();
    bench.clock.advance(500);
    bench.up(A);
    answer(bench.server(A), 'at last');
    expect(call.values).toEqual(['at last']);
  });

  test('that dies, and does not come back, ends the call as lost, not as refused', () => {
    const bench = new ClientBench();
    bench.up(A, B);
    const call = bench.call({ requestTimeout: 300 });
    bench.beat(300, A, B);
    bench.server(B).lost();
    bench.beat(5000, A);
    expect(call.ends).toMatchObject([{ code: 'ECONNRESET', mayHaveRun: 2 }]);
  });

  test('that dies sends it back to the first, if the connection to that has ended meanwhile', () => {
    const bench = new ClientBench();
    bench.up(A, B);
    bench.call({ requestTimeout: 300 });
    bench.server(A).requests();
    bench.clock.advance(300);
    expect(bench.server(B).requests()).toHaveLength(1);
    bench.remove(A);
    bench.add(A);
    bench.up(A);
    bench.server(B).lost();
    expect(bench.server(A).requests()).toHaveLength(1);
  });

  test('that refuses is asked once more, and the one that may still run it is not', () => {
    const bench = new ClientBench();
    bench.up(A, B);
    const call = bench.call({ requestTimeout: 300 });
    bench.server(A).requests();
    bench.beat(300, A, B);
    const refuse = () => {
      const server = bench.server(B);
      for (const request of server.requests()) server.reply(request, { reason: 'busy' }, 'refused');
    };
    refuse();
    bench.beat(100, A, B);
    refuse();
    expect(call.ends).toMatchObject([{ code: 'OVERLOADED', mayHaveRun: 1 }]);
    expect(bench.server(A).requests()).toEqual([]);
  });
});

describe('a server that is late with a call', () => {
  test('and says only then that its handler must not run twice, may still answer', () => {
    const bench = new ClientBench({ endpoints: [A] });
    bench.up(A);
    const call = bench.call({ requestTimeout: 1500, maxAttempts: 3 });
    bench.beat(1990, A);
    bench.clock.advance(20);
    bench.server(A).pong('negotiated', { atMostOnce: ['echo'] });
    bench.beat(1500, A);
    expect(call.ends).toEqual([]);
    answer(bench.server(A), 'late');
    expect(call.values).toEqual(['late']);
  });

  test('and is lost: the call moves, as that of any lost server', () => {
    const bench = new ClientBench({ retryBudget: { ratio: 0, minPerSecond: 0 } });
    bench.up(A);
    const call = bench.call({ requestTimeout: 300 });
    bench.beat(400, A);
    bench.server(A).lost();
    bench.up(B);
    answer(bench.server(B), 'from b');
    expect(call.values).toEqual(['from b']);
  });

  test('and drains may still answer', () => {
    const bench = new ClientBench({ endpoints: [A] });
    const [server] = bench.up(A);
    const call = bench.call({ requestTimeout: 300 });
    bench.beat(400, A);
    server?.connection.says({ type: 'goodbye' });
    if (server) answer(server, 'late');
    expect(call.values).toEqual(['late']);
  });

  test('and refuses after all did not run it: it may go there again', () => {
    const bench = new ClientBench({ endpoints: [A] });
    const [server] = bench.up(A);
    const call = bench.call({ requestTimeout: 300 });
    bench.beat(400, A);
    for (const request of server?.requests() ?? [])
      server?.reply(request, { reason: 'busy' }, 'refused');
    bench.beat(100, A);
    if (server) answer(server, 'second round');
    expect(call.values).toEqual(['second round']);
  });
});

test('a hedged call has gone elsewhere already: the attempt without an answer is cancelled, the last one stays', () => {
  const bench = new ClientBench();
  bench.up(A, B);
  const call = bench.call({ requestTimeout: 300, hedge: { after: 100, max: 1 } });
  bench.beat(350, A, B);
  expect([cancels(bench.server(A)), cancels(bench.server(B))]).toEqual([['1'], []]);
  bench.beat(150, A, B);
  expect(cancels(bench.server(B))).toEqual([]);
  answer(bench.server(B), 'late');
  expect(call).toMatchObject({ values: ['late'], ends: ['complete'] });
  expect(bench.server(A).requests()).toHaveLength(1);
});

test('a call of three servers goes to each of them once', () => {
  const bench = new ClientBench({ endpoints: [A, B, C] });
  bench.up(A, B, C);
  const call = bench.call({ requestTimeout: 300, maxAttempts: 5 });
  bench.beat(1490, A, B, C);
  expect([A, B, C].map((endpoint) => bench.server(endpoint).requests().length)).toEqual([1, 1, 1]);
  bench.beat(10, A, B, C);
  expect((call.ends[0] as FreelanceError).mayHaveRun).toBe(3);
});

describe('a basic server, whose late answer could be that of another call', () => {
  test('loses its connection, and the call fails: it may still run there', () => {
    const bench = new ClientBench({ endpoints: [A] });
    bench.server(A).accept().pong('basic');
    const call = bench.call({ requestTimeout: 300 });
    expect(bench.server(A).requests()).toHaveLength(1);
    const before = bench.sockets.to(A);
    bench.clock.advance(300);
    expect(call.ends).toMatchObject([{ code: 'ETIMEDOUT', mayHaveRun: 1 }]);
    expect(bench.sockets.to(A)).not.toBe(before);
  });

  test('is not asked again over its next connection, but another one is', () => {
    const bench = new ClientBench();
    bench.server(A).accept().pong('basic');
    bench.server(B).accept().pong('basic');
    const call = bench.call({ requestTimeout: 300, maxAttempts: 3 });
    bench.server(A).requests();
    bench.clock.advance(300);
    bench.server(A).accept().pong('basic');
    expect(bench.server(B).requests()).toHaveLength(1);
    bench.clock.advance(300);
    expect(call.ends).toMatchObject([{ code: 'ETIMEDOUT', mayHaveRun: 2 }]);
    expect(bench.server(A).requests()).toEqual([]);
  });
});

test('a server that is taken out and put in again is the same one: it is not sent the call twice', () => {
  const bench = new ClientBench({ endpoints: [A] });
  bench.up(A);
  const call = bench.call({ requestTimeout: 300 });
  bench.beat(400, A);
  const before = bench.server(A);
  bench.remove(A);
  bench.add(A);
  bench.up(A);
  bench.beat(100, A);
  expect(bench.server(A)).not.toBe(before);
  expect(bench.server(A).requests()).toEqual([]);
  answer(before, 'late');
  expect(call.values).toEqual(['late']);
});

test('a call that was lost late has the time of one attempt, and no more than all of them', () => {
  const bench = new ClientBench({ endpoints: [A] });
  bench.up(A);
  const call = bench.call({ requestTimeout: 1000, maxAttempts: 3 });
  bench.beat(2900, A);
  bench.server(A).lost();
  bench.clock.advance(200);
  bench.up(A);
  bench.beat(990, A);
  expect(call.ends).toEqual([]);
  bench.beat(210, A);
  expect(call.ends).toMatchObject([{ code: 'ETIMEDOUT', mayHaveRun: 2 }]);
});
