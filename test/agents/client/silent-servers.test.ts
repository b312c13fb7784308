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

/** Three servers, asked in their order; the first has one call, and says nothing more. */
function frozen(options: CallOptions = {}, agent: BenchOptions = {}) {
  const bench = new ClientBench({
    endpoints: ALL,
    balancer: { pick: ([first]) => first },
    ...agent,
  });
  bench.up(...Object.keys(bench.agent.stats().endpoints));
  const call = bench.call(options);
  const [request] = bench.server(A).requests();
  if (!request) throw new Error('the first server was not asked');
  return { bench, call, request };
}

/** Until the first server is suspect, and a turn later. The others answer their PINGs. */
const untilSuspect = (bench: ClientBench, ...living: string[]) => {
  const others = Object.keys(bench.agent.stats().endpoints).filter((endpoint) => endpoint !== A);
  bench.beat(2010, ...(living.length > 0 ? living : others));
  expect(bench.agent.stats().endpoints[A]?.state).toBe('suspect');
};

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
    .filter(({ type }) => type === 'cancel').length;

describe('a call in flight at a server that falls silent', () => {
  test('goes to another one, too, as soon as the silent one is suspect; its answer is the answer', () => {
    const { bench, call, request } = frozen();
    untilSuspect(bench);
    bench.server(B).reply(only(bench.server(B).requests()), 'from b');
    expect(call).toMatchObject({ values: ['from b'], ends: ['complete'] });
    expect(cancelled(bench, A)).toBe(1);
    bench.server(A).reply(request, 'too late');
    expect(call.values).toEqual(['from b']);
    expect(bench.agent.stats()).toMatchObject({ pending: 0, hedges: { sent: 1, won: 1 } });
  });

  test('is answered by the silent one, if that answers first', () => {
    const { bench, call, request } = frozen();
    untilSuspect(bench);
    bench.server(A).reply(request, 'after all');
    expect(call).toMatchObject({ values: ['after all'], ends: ['complete'] });
    expect(cancelled(bench, B)).toBe(1);
    expect(bench.agent.stats().hedges).toEqual({ sent: 1, won: 0 });
  });

  test('goes to one other, however long the silence lasts', () => {
    const { bench } = frozen();
    untilSuspect(bench);
    expect(asked(bench)).toEqual([B]);
    bench.beat(900, B, C);
    expect(bench.agent.stats().endpoints[A]?.state).toBe('suspect');
    bench.beat(2000, B, C);
    expect(bench.agent.stats().endpoints[A]?.state).toBe('dead');
    expect(asked(bench)).toEqual([]);
  });

  test('goes to a third one, if the second falls silent, too', () => {
    const { bench, call } = frozen();
    untilSuspect(bench);
    bench.beat(2010, C);
    bench.server(C).reply(only(bench.server(C).requests()), 'from c');
    expect(call).toMatchObject({ values: ['from c'], ends: ['complete'] });
  });

  test('as an event is accepted once', () => {
    const { bench, call, request } = frozen();
    expect(call.ends).toEqual([]);
    bench.server(A).reply(request, 'done');
    const event = bench.call({ kind: 'event' });
    untilSuspect(bench);
    bench.sockets.to(B).says({ type: 'ack', id: '2.2' });
    bench.sockets.to(A).says({ type: 'ack', id: '2' });
    expect(event.ends).toEqual(['complete']);
  });

  test.each<[string, CallOptions, BenchOptions]>([
    ['may run only once', { idempotent: false }, {}],
    ['has no attempt left', { maxAttempts: 1 }, {}],
    ['finds the retry budget spent', {}, { retryBudget: { ratio: 0, minPerSecond: 0 } }],
  ])('waits for that server, if it %s', (_, options, agent) => {
    const { bench } = frozen(options, agent);
    untilSuspect(bench);
    bench.beat(900, B, C);
    expect(bench.agent.stats().endpoints[A]?.state).toBe('suspect');
    expect(asked(bench)).toEqual([]);
  });

  test('waits for that server, if there is no other', () => {
    const { bench, call, request } = frozen({}, { endpoints: [A] });
    bench.clock.advance(2900);
    expect(bench.states).toEqual(['suspect']);
    bench.server(A).reply(request, 'after all');
    expect(call.values).toEqual(['after all']);
    expect(bench.agent.stats().hedges.sent).toBe(0);
  });

  test('waits for that server, if it is a stream that has yielded', () => {
    const { bench, call, request } = frozen();
    bench.server(A).reply(request, 1, 'next');
    untilSuspect(bench);
    expect(asked(bench)).toEqual([]);
    bench.beat(1000, B, C);
    expect(call.code).toBe('STREAM_BROKEN');
  });

  test('does not go to servers that are as silent', () => {
    const { bench } = frozen();
    untilSuspect(bench, C);
    expect(asked(bench)).toEqual([C]);
  });

  test('goes to a server that comes up meanwhile', () => {
    const { bench } = frozen({}, { endpoints: [A, B] });
    bench.server(B).lost();
    untilSuspect(bench);
    bench.up(B);
    bench.beat(300, B);
    expect(bench.server(B).requests()).toHaveLength(1);
  });

  test('has its own hedges besides', () => {
    const { bench } = frozen({ hedge: { after: 50, max: 1 } });
    bench.beat(60, B, C);
    expect(asked(bench)).toEqual([B]);
    untilSuspect(bench, C);
    expect(asked(bench)).toEqual([C]);
  });

  test('says nothing of the speed of that server, which its silence hides', () => {
    const responses: (number | undefined)[] = [];
    const { bench } = frozen(
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
    untilSuspect(bench);
    bench.server(B).reply(only(bench.server(B).requests()), 'from b');
    bench.up(A);
    bench.call();
    expect(bench.server(A).requests()).toHaveLength(1);
    expect(responses.at(-1)).toBeUndefined();
  });
});

describe('no call goes elsewhere', () => {
  test('if a server is not ready, or lets calls time out', () => {
    const { bench } = frozen();
    bench.clock.advance(1000);
    bench.server(A).pong('negotiated', { state: 'unready' });
    bench.up(B, C);
    expect(bench.agent.stats().endpoints[A]?.state).toBe('suspect');
    bench.beat(100, B, C);
    expect(asked(bench)).toEqual([]);
  });

  test('if it was the client that stood still: what came meanwhile is read first', () => {
    const { bench, call, request } = frozen();
    bench.clock.advance(1000);
    bench.up(B, C);
    const pong = () => bench.server(A).pong();
    bench.clock.freeze(1030);
    // The timers first, as in Node's loop: the PONG is there, but not read.
    bench.clock.advance(0);
    pong();
    bench.clock.advance(10);
    expect(bench.agent.stats().hedges.sent).toBe(0);
    bench.server(A).reply(request, 'a');
    expect(call.values).toEqual(['a']);
  });
});
