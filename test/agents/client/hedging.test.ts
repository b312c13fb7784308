import { describe, expect, test } from 'vitest';
import type { Request } from '../../../lib/protocol/messages.js';
import {
  A,
  B,
  C,
  type CallOptions,
  type BenchOptions,
  ClientBench,
} from '../../support/client-bench.js';

const ALL = [A, B, C];
const inOrder: BenchOptions = {
  endpoints: ALL,
  balancer: { pick: ([first]) => first },
};

/** Three servers, asked in their order, and a call that is hedged after 50 ms. */
function hedged(options: CallOptions = {}, agent: BenchOptions = {}) {
  const bench = new ClientBench({ ...inOrder, ...agent });
  bench.up(...ALL);
  const call = bench.call({ hedge: { after: 50, max: 1 }, ...options });
  return { bench, call };
}

const only = (requests: Request[]): Request => {
  const [request, ...others] = requests;
  if (!request || others.length > 0) throw new Error(`${requests.length} requests, not one`);
  return request;
};

const asked = (bench: ClientBench) =>
  ALL.filter((endpoint) => bench.server(endpoint).requests().length > 0);

const cancelled = (bench: ClientBench, endpoint: string) =>
  bench
    .server(endpoint)
    .told()
    .filter(({ type }) => type === 'cancel');

test('a call that is answered in time is sent once', () => {
  const { bench, call } = hedged();
  bench.clock.advance(49);
  bench.server(A).reply(only(bench.server(A).requests()), 'a');
  bench.clock.advance(1000);
  expect(call).toMatchObject({ values: ['a'], ends: ['complete'] });
  expect(asked(bench)).toEqual([]);
  expect(bench.agent.stats().hedges).toEqual({ sent: 0, won: 0 });
});

test('a call without an answer goes to one more server, and to no further ones', () => {
  const { bench } = hedged();
  bench.clock.advance(49);
  expect(asked(bench)).toEqual([A]);
  bench.clock.advance(1);
  expect(asked(bench)).toEqual([B]);
  bench.clock.advance(900);
  expect(asked(bench)).toEqual([]);
});

test('the first answer has it: the others are cancelled, and never heard', () => {
  const { bench, call } = hedged();
  const first = only(bench.server(A).requests());
  bench.clock.advance(50);
  const second = only(bench.server(B).requests());
  bench.server(B).reply(second, 'b');
  bench.server(A).reply(first, 'a');
  expect(call).toMatchObject({ values: ['b'], ends: ['complete'] });
  expect(cancelled(bench, A)).toMatchObject([{ id: first.dialect === 'basic' ? '' : first.id }]);
  expect(cancelled(bench, B)).toEqual([]);
  const { hedges, pending, endpoints } = bench.agent.stats();
  expect(hedges).toEqual({ sent: 1, won: 1 });
  expect(pending).toBe(0);
  expect(Object.values(endpoints).map((server) => server.pending)).toEqual([0, 0, 0]);
});

test('the first server may win, too', () => {
  const { bench, call } = hedged();
  bench.clock.advance(50);
  bench.server(A).reply(only(bench.server(A).requests()), 'a');
  expect(call).toMatchObject({ values: ['a'], ends: ['complete'] });
  expect(cancelled(bench, B)).toHaveLength(1);
  expect(bench.agent.stats().hedges).toEqual({ sent: 1, won: 0 });
});

test('of streams, all values are of the one that began first', () => {
  const { bench, call } = hedged();
  const first = only(bench.server(A).requests());
  bench.clock.advance(50);
  const second = only(bench.server(B).requests());
  bench.server(A).reply(first, 'a1', 'next');
  bench.server(B).reply(second, 'b1', 'next');
  bench.server(A).reply(first, 'a2', 'next');
  bench.clock.advance(900);
  expect(call).toMatchObject({ values: ['a1', 'a2'], ends: [] });
  bench.server(A).lost();
  expect(call.code).toBe('STREAM_BROKEN');
});

test('what a handler threw is an answer', () => {
  const { bench, call } = hedged();
  bench.clock.advance(50);
  bench.server(B).reply(only(bench.server(B).requests()), 'no', 'error');
  expect(call).toMatchObject({ values: [], ends: ['no'] });
  expect(cancelled(bench, A)).toHaveLength(1);
});

test('an event is accepted once', () => {
  const { bench, call } = hedged({ kind: 'event' });
  bench.clock.advance(50);
  bench.sockets.to(B).says({ type: 'ack', id: '1.2' });
  bench.sockets.to(A).says({ type: 'ack', id: '1' });
  expect(call.ends).toEqual(['complete']);
});

test('everyone is asked at once, by the model two of the guide', () => {
  const { bench, call } = hedged({ hedge: { after: 0, max: Infinity } });
  expect(bench.agent.stats().hedges.sent).toBe(2);
  const requests = ALL.map((endpoint) => only(bench.server(endpoint).requests()));
  ALL.forEach((endpoint, place) => {
    const request = requests[place];
    if (request) bench.server(endpoint).reply(request, endpoint);
  });
  expect(call).toMatchObject({ values: [A], ends: ['complete'] });
  expect(ALL.map((endpoint) => cancelled(bench, endpoint).length)).toEqual([0, 1, 1]);
});

describe('an attempt that fails', () => {
  test('ends nothing while another one is in flight, and is replaced at once', () => {
    const { bench, call } = hedged({ hedge: { after: 50, max: 2 } });
    bench.clock.advance(50);
    bench.server(A).lost();
    const replacement = only(bench.server(C).requests());
    bench.server(B).reply(only(bench.server(B).requests()), { reason: 'busy' }, 'refused');
    bench.server(C).reply(replacement, 'c');
    expect(call).toMatchObject({ values: ['c'], ends: ['complete'] });
  });

  test('is tried again as any other once it was the last in flight', () => {
    const { bench, call } = hedged();
    bench.clock.advance(50);
    bench.server(A).lost();
    expect(asked(bench)).toEqual([A, B]);
    bench.server(B).lost();
    bench.server(C).reply(only(bench.server(C).requests()), 'c');
    expect(call).toMatchObject({ values: ['c'], ends: ['complete'] });
  });

  test('has its own time: each may wait for requestTimeout', () => {
    const { bench, call } = hedged({ requestTimeout: 200, maxAttempts: 2 });
    bench.clock.advance(249);
    expect(call.ends).toEqual([]);
    bench.clock.advance(1);
    expect(call.code).toBe('ETIMEDOUT');
    expect(String(call.ends[0])).toContain(`Tried: ${A}, no answer within 200 ms; ${B}, no answer`);
  });
});

test('the deadline ends all of them, and names all of them', () => {
  const { bench, call } = hedged({ timeout: 100 });
  bench.clock.advance(100);
  expect(call.code).toBe('ETIMEDOUT');
  expect(call.ends).toMatchObject([{ attempts: [{ endpoint: A }, { endpoint: B }] }]);
  expect([A, B].map((endpoint) => cancelled(bench, endpoint).length)).toEqual([1, 1]);
});

test('unsubscribing cancels all of them', () => {
  const { bench, call } = hedged();
  bench.clock.advance(50);
  call.cancel();
  expect([A, B].map((endpoint) => cancelled(bench, endpoint).length)).toEqual([1, 1]);
  expect(bench.agent.stats().pending).toBe(0);
});

test('no server has it twice at a time', () => {
  const bench = new ClientBench({ endpoints: [A] });
  bench.up(A);
  bench.call({ hedge: { after: 50, max: 9 } });
  bench.clock.advance(900);
  expect(bench.server(A).requests()).toHaveLength(1);
});

test('a server that comes up late is hedged to then', () => {
  const bench = new ClientBench({ ...inOrder, endpoints: [A, B] });
  bench.up(A);
  bench.call({ hedge: { after: 50, max: 1 } });
  bench.clock.advance(80);
  bench.up(B);
  bench.clock.advance(19);
  expect(bench.server(B).requests()).toEqual([]);
  bench.clock.advance(1);
  expect(bench.server(B).requests()).toHaveLength(1);
});

test('without a token of the retry budget nothing is hedged', () => {
  const { bench, call } = hedged({}, { retryBudget: { ratio: 0, minPerSecond: 0.1 } });
  const second = bench.call({ hedge: { after: 50, max: 1 } });
  bench.clock.advance(1000);
  expect(bench.agent.stats()).toMatchObject({ hedges: { sent: 1 }, retryBudget: 0 });
  for (const request of bench.server(A).requests()) bench.server(A).reply(request, 'a');
  expect([call, second].map(({ values }) => values)).toEqual([['a'], ['a']]);
});

test('a listener that closes the client when the loser is let go ends the call once', () => {
  const bench = new ClientBench({ ...inOrder, endpoints: [A, B] });
  bench.server(A).accept().pong('basic');
  bench.up(B);
  const call = bench.call({ hedge: { after: 50, max: 1 } });
  bench.clock.advance(50);
  // A basic server can be told to stop only by dropping its connection.
  bench.whenChanged = () => bench.agent.close();
  bench.server(B).reply(only(bench.server(B).requests()), 'b');
  expect(call).toMatchObject({ values: ['b'], ends: ['complete'] });
  expect(bench.states).toEqual(['connecting', 'alive']);
});

test('a balancer that fails for a hedge ends the call with its error, and cancels the first', () => {
  const error = new Error('no idea');
  let picks = 0;
  const { bench, call } = hedged(
    {},
    {
      balancer: {
        pick: ([first]) => {
          if (++picks > 1) throw error;
          return first;
        },
      },
    },
  );
  bench.clock.advance(50);
  expect(call.ends).toMatchObject([{ code: 'BALANCER', cause: error }]);
  expect(cancelled(bench, A)).toHaveLength(1);
});

test('a server that is always outrun is known to be slow', () => {
  const responses: (number | undefined)[] = [];
  const { bench } = hedged(
    {},
    {
      balancer: {
        pick: ([first], { now }) => {
          responses.push(first.responseMs(now));
          return first;
        },
      },
    },
  );
  bench.clock.advance(50);
  bench.server(B).reply(only(bench.server(B).requests()), 'b');
  bench.call();
  expect(responses.at(-1)).toBe(50);
});

test('no hedge goes to a server that has the call, though it was taken out of use and added again', () => {
  const bench = new ClientBench({ endpoints: [A] });
  bench.up(A);
  bench.call({ hedge: { after: 50, max: 2 } });
  expect(bench.server(A).requests()).toHaveLength(1);
  bench.remove(A);
  bench.add(A);
  bench.up(A);
  bench.clock.advance(200);
  expect(bench.server(A).requests()).toEqual([]);
  expect(bench.states).toEqual(['alive']);
});

describe('a server that takes no message as large as the call, whose connection that would end', () => {
  const large = 'x'.repeat(2000);
  const smallB = (options: CallOptions) => {
    const bench = new ClientBench(inOrder);
    bench.up(A, C);
    bench.server(B).accept().pong('negotiated', { maxMessageSize: 1000 });
    return { bench, call: bench.call({ data: large, ...options }) };
  };

  test('is not sent a hedge of it', () => {
    const { bench, call } = smallB({ hedge: { after: 50, max: 1 } });
    const first = only(bench.server(A).requests());
    bench.clock.advance(500);
    expect(bench.server(B).requests()).toEqual([]);
    bench.server(A).reply(first, 'a');
    expect(call).toMatchObject({ values: ['a'], ends: ['complete'] });
  });

  test('does not get it in the place of a late attempt, which may still be answered', () => {
    const { bench, call } = smallB({ requestTimeout: 100 });
    const first = only(bench.server(A).requests());
    bench.clock.advance(150);
    expect(bench.server(B).requests()).toEqual([]);
    expect(call.ends).toEqual([]);
    bench.server(A).reply(first, 'a');
    expect(call).toMatchObject({ values: ['a'], ends: ['complete'] });
  });
});
