import { describe, expect, test } from 'vitest';
import type { Attempt, Server } from '../../../lib/agents/client/call.js';
import { Dispatcher } from '../../../lib/agents/client/dispatcher.js';
import { CallNotifications } from '../../../lib/agents/client/call-notifications.js';
import { Scheduler } from '../../../lib/agents/scheduler.js';
import { ClientCallMeter } from '../../../lib/agents/client/client-call-meter.js';
import { PatternMeters } from '../../../lib/agents/pattern-meters.js';
import { roundRobin } from '../../../lib/core/balancers/round-robin.js';
import { Pool } from '../../../lib/core/pool.js';
import { AtMostOncePatterns, NAMED_TO_CLIENT } from '../../../lib/protocol/at-most-once.js';
import { A, B, C, callRequest, ClientBench, ObservedCall } from '../../support/client-bench.js';
import { ManualClock } from '../../support/manual-clock.js';

describe('answers', () => {
  const answered = (reply: (bench: ClientBench) => void) => {
    const bench = new ClientBench({ endpoints: [A] });
    bench.up(A);
    const call = bench.call();
    reply(bench);
    return { bench, call };
  };
  const replyAll =
    (...replies: [unknown, 'next' | 'last' | 'end' | 'error'][]) =>
    (bench: ClientBench) => {
      const server = bench.server(A);
      for (const request of server.requests()) {
        for (const [value, status] of replies) server.reply(request, value, status);
      }
    };

  test.each([
    ['one value', [[1, 'last']], [1], 'complete'],
    [
      'several values',
      [
        [1, 'next'],
        [2, 'next'],
        [3, 'last'],
      ],
      [1, 2, 3],
      'complete',
    ],
    [
      'values, then the end',
      [
        [1, 'next'],
        [undefined, 'end'],
      ],
      [1],
      'complete',
    ],
    ['nothing', [[undefined, 'end']], [], 'complete'],
    ['an error', [[{ status: 'error' }, 'error']], [], { status: 'error' }],
    [
      'an error after a value',
      [
        [1, 'next'],
        ['bad', 'error'],
      ],
      [1],
      'bad',
    ],
    ['undefined, as a value', [[undefined, 'last']], [undefined], 'complete'],
  ] as const)('delivers %s', (_name, replies, values, end) => {
    const { call, bench } = answered(
      replyAll(...replies.map(([v, s]) => [v, s] as [unknown, 'last'])),
    );
    expect(call.values).toEqual(values);
    expect(call.ends).toEqual([end]);
    expect(bench.agent.stats().pending).toBe(0);
  });

  test('what comes after the end is counted and not heard', () => {
    const { call, bench } = answered(replyAll([1, 'last'], [2, 'last'], ['late', 'error']));
    expect(call.values).toEqual([1]);
    expect(call.ends).toEqual(['complete']);
    expect(bench.agent.stats().dropped).toEqual({ 'unknown-reply': 2 });
  });

  test('an answer that cannot be read ends the call with PROTOCOL', () => {
    const { call } = answered((bench) => {
      const [request] = bench.server(A).requests();
      if (request?.dialect !== 'negotiated') throw new Error('expected a negotiated request');
      const headers = { status: 'last', type: 'json' } as const;
      bench.sockets.to(A).says({ ...request, type: 'reply', body: Buffer.from('{'), headers });
    });
    expect(call.code).toBe('PROTOCOL');
  });

  test('cancelling ends the interest: later answers are not heard', () => {
    const { call, bench } = answered((b) => b.server(A).requests());
    call.cancel();
    expect(bench.agent.stats()).toMatchObject({ pending: 0, endpoints: { [A]: { pending: 0 } } });
    expect(call.ends).toEqual([]);
  });
});

describe('failover', () => {
  test('a lost connection moves its calls to another server at once', () => {
    const bench = new ClientBench();
    bench.up(A, B);
    const call = bench.call();
    expect(bench.server(A).requests()).toMatchObject([{ headers: { attempt: 1 } }]);
    bench.server(A).lost();
    const [second] = bench.server(B).requests();
    expect(second).toMatchObject({ headers: { pattern: 'echo', attempt: 2 } });
    if (second) bench.server(B).reply(second, 'from b');
    expect(call).toMatchObject({ values: ['from b'], ends: ['complete'] });
  });

  test('what a lost connection still brings is not heard', () => {
    const bench = new ClientBench();
    bench.up(A, B);
    const call = bench.call();
    const old = bench.server(A);
    const [request] = old.requests();
    old.lost();
    if (request) old.reply(request, 'a ghost');
    expect(call.values).toEqual([]);
  });

  test('what a server said to an attempt that is over is not heard by the next one there', () => {
    const bench = new ClientBench({ endpoints: [A] });
    const [server] = bench.up(A);
    const call = bench.call();
    const [first] = bench.server(A).requests();
    if (first) server?.reply(first, { reason: 'busy' }, 'refused');
    bench.clock.advance(100);
    const [second] = bench.server(A).requests();
    if (!first || !second) throw new Error('two attempts were to be made');
    server?.reply(first, 'first value', 'next');
    for (const value of ['first value', 'second value']) server?.reply(second, value, 'next');
    expect(call.values).toEqual(['first value', 'second value']);
  });

  test('its error names the server as the discovery has found it', () => {
    const bench = new ClientBench();
    bench.agent.replaceServers([{ endpoint: A, name: 'orders.test' }]);
    bench.up(A);
    const call = bench.call({ idempotent: false });
    bench.server(A).lost('the connection was closed');
    expect(call.ends).toMatchObject([
      {
        message: expect.stringContaining(`Tried: ${A} (orders.test), the connection was closed.`),
        attempts: [{ endpoint: A, name: 'orders.test', outcome: 'the connection was closed' }],
      },
    ]);
  });

  test('a call that may have run is not sent twice if it is not idempotent', () => {
    const bench = new ClientBench();
    bench.up(A, B);
    const call = bench.call({ idempotent: false });
    bench.server(A).lost('the connection was closed');
    expect(bench.server(B).requests()).toEqual([]);
    expect(call.code).toBe('ECONNRESET');
    expect(call.ends).toMatchObject([
      { attempts: [{ endpoint: A, outcome: 'the connection was closed' }] },
    ]);
  });

  test('a call that the connection did not take goes elsewhere, even if it is not idempotent', () => {
    const bench = new ClientBench();
    bench.up(A, B);
    bench.sockets.to(A).takes = false;
    const call = bench.call({ idempotent: false, maxAttempts: 1 });
    bench.sockets.to(A).undelivered();
    expect(bench.server(B).requests()).toMatchObject([{ headers: { attempt: 1 } }]);
    expect(call.ends).toEqual([]);
  });

  test('a call that the only connection did not take waits for the next connection', () => {
    const bench = new ClientBench({ endpoints: [A] });
    bench.up(A);
    bench.sockets.to(A).takes = false;
    const call = bench.call();
    bench.sockets.to(A).undelivered();
    expect(call.ends).toEqual([]);
    bench.server(A).lost();
    bench.clock.advance(200);
    bench.up(A);
    expect(bench.server(A).requests()).toMatchObject([{ headers: { attempt: 1 } }]);
  });

  test('a refused call goes elsewhere at no cost, and fails once everyone has refused twice', () => {
    const bench = new ClientBench();
    bench.up(A, B);
    const call = bench.call({ idempotent: false, maxAttempts: 1 });
    const refusal = { reason: 'busy', message: 'full' };
    const everyoneRefuses = () => {
      for (const server of [bench.server(A), bench.server(B), bench.server(A)]) {
        const [request] = server.requests();
        if (request) server.reply(request, refusal, 'refused');
      }
    };
    everyoneRefuses();
    bench.clock.advance(100);
    everyoneRefuses();
    expect(call.code).toBe('OVERLOADED');
    const attempts = [A, B].map((endpoint) => ({ endpoint, outcome: 'refused: busy, full' }));
    expect(call.ends).toMatchObject([
      { attempts: expect.arrayContaining([...attempts, ...attempts]) as unknown },
    ]);
  });

  test('a call that nobody here will take does not hold up those behind it', () => {
    const bench = new ClientBench({ endpoints: [B, A], balancer: { pick: ([first]) => first } });
    bench.server(B).accept().pong('basic');
    bench.up(A);
    bench.call({ data: 'fills the basic server' });
    bench.call({ data: 'is refused' });
    const [refused] = bench.server(A).requests();
    if (refused) bench.server(A).reply(refused, { reason: 'busy' }, 'refused');
    bench.clock.advance(1000);
    bench.server(A).pong('negotiated', { state: 'unready' });
    bench.call({ data: 'waits behind it' });
    bench.clock.advance(1000);
    bench.server(A).pong();
    expect(bench.server(A).requests()).toMatchObject([{ body: Buffer.from('waits behind it') }]);
  });

  test('a stream that breaks after its first value says STREAM_BROKEN and is not restarted', () => {
    const bench = new ClientBench();
    bench.up(A, B);
    const call = bench.call();
    const [request] = bench.server(A).requests();
    if (request) bench.server(A).reply(request, 1, 'next');
    bench.server(A).lost();
    expect(call.values).toEqual([1]);
    expect(call.code).toBe('STREAM_BROKEN');
    expect(bench.server(B).requests()).toEqual([]);
  });

  test('a call whose servers are all lost waits for one to return', () => {
    const bench = new ClientBench({ endpoints: [A] });
    bench.up(A);
    const call = bench.call();
    bench.server(A).lost();
    expect(bench.states).toEqual(['dead']);
    bench.clock.advance(200);
    bench.up(A);
    const [request] = bench.server(A).requests();
    if (request) bench.server(A).reply(request, 'at last');
    expect(call.values).toEqual(['at last']);
  });

  test('a call that kills every server it meets ends after maxAttempts', () => {
    const bench = new ClientBench({ endpoints: [A, B, C] });
    bench.up(A, B, C);
    const call = bench.call({ maxAttempts: 2 });
    for (const killed of ['first', 'second']) {
      const holder = [A, B, C].find((endpoint) => bench.server(endpoint).requests().length > 0);
      if (!holder) throw new Error(`nobody has the ${killed} attempt`);
      bench.server(holder).lost();
    }
    expect(call.code).toBe('ECONNRESET');
    expect(bench.states.filter((state) => state === 'dead')).toHaveLength(2);
  });
});

describe('timeouts', () => {
  test('an attempt without an answer is tried at another server', () => {
    const bench = new ClientBench();
    bench.up(A, B);
    const call = bench.call({ requestTimeout: 500 });
    bench.clock.advance(500);
    const [request] = bench.server(B).requests();
    if (request) bench.server(B).reply(request, 'from b');
    expect(call.values).toEqual(['from b']);
  });

  test('a call that a server let time out goes to another, whatever the balancer prefers', () => {
    const bench = new ClientBench({ balancer: { pick: ([first]) => first } });
    bench.up(A, B);
    bench.call({ requestTimeout: 500 });
    bench.clock.advance(500);
    expect(bench.server(A).requests()).toHaveLength(1);
    expect(bench.server(B).requests()).toHaveLength(1);
  });

  test('all the waiting of a call counts: a second wait gets what the first has left', () => {
    const bench = new ClientBench({ endpoints: [A] });
    const call = bench.call();
    bench.clock.advance(4000);
    bench.up(A);
    bench.server(A).lost();
    bench.clock.advance(999);
    expect(call.ends).toEqual([]);
    bench.clock.advance(1);
    expect(call.code).toBe('ECONNREFUSED');
  });

  test('requestTimeout is for the first value: a stream may then take its time', () => {
    const bench = new ClientBench({ endpoints: [A] });
    bench.up(A);
    const endless = bench.call({ requestTimeout: 500 });
    const bounded = bench.call({ requestTimeout: 500, timeout: 2000 });
    for (const request of bench.server(A).requests()) bench.server(A).reply(request, 1, 'next');
    bench.beat(3000, A);
    expect(endless.ends).toEqual([]);
    expect(bounded.code).toBe('ETIMEDOUT');
  });

  test('a call that is cancelled by who hears that its server fails is stopped where it went', () => {
    const bench = new ClientBench({ maxFailures: 1 });
    bench.up(A, B);
    const call = bench.call({ requestTimeout: 500 });
    bench.whenChanged = () => call.cancel();
    bench.clock.advance(500);
    expect(bench.server(B).requests()).toHaveLength(1);
    expect(bench.server(B).told()).toMatchObject([{ type: 'cancel' }]);
    expect(call.ends).toEqual([]);
    expect(bench.agent.stats().pending).toBe(0);
  });

  test.each(['request', 'event'] as const)(
    'an answer to a %s that clears its server ends the call once, though who hears of it closes the client',
    (kind) => {
      const bench = new ClientBench({ endpoints: [A], maxFailures: 1 });
      const [server] = bench.up(A);
      const call = bench.call({ kind });
      const [request] = bench.server(A).requests();
      bench.call({ requestTimeout: 500, maxAttempts: 1 });
      bench.clock.advance(500);
      expect(bench.states).toEqual(['suspect']);
      bench.whenChanged = () => bench.agent.close();
      if (request) server?.reply(request, 'too late');
      else bench.sockets.to(A).says({ type: 'ack', id: '1' });
      expect(call.ends).toEqual(['complete']);
      expect(bench.sockets.to(A).isClosed).toBe(true);
    },
  );

  test('no answer from anyone ends with ETIMEDOUT, which tells what each server did', () => {
    const bench = new ClientBench();
    bench.up(A, B);
    const call = bench.call({ requestTimeout: 300, maxAttempts: 2 });
    bench.clock.advance(600);
    expect(call.code).toBe('ETIMEDOUT');
    expect(String(call.ends[0])).toContain(
      `${A}, no answer within 300 ms; ${B}, no answer within 300`,
    );
  });

  test('the deadline ends the call wherever it stands', () => {
    const bench = new ClientBench({ endpoints: [A] });
    const waiting = bench.call({ timeout: 300 });
    bench.clock.advance(300);
    expect(waiting.code).toBe('ETIMEDOUT');
    bench.up(A);
    const inFlight = bench.call({ timeout: 300 });
    expect(bench.server(A).requests()).toMatchObject([{ headers: { timeout: 300 } }]);
    bench.clock.advance(300);
    expect(inFlight.code).toBe('ETIMEDOUT');
  });

  test('a server that lets maxFailures calls in a row time out is used only as a last resort', () => {
    const bench = new ClientBench({
      maxFailures: 2,
      heartbeat: { interval: 10_000, timeout: 30_000 },
    });
    bench.up(A, B);
    for (let i = 0; i < 4; i++) {
      bench.call({ requestTimeout: 100, maxAttempts: 1 });
      for (const request of bench.server(B).requests()) bench.server(B).reply(request, 'ok');
      bench.clock.advance(100);
    }
    expect(bench.agent.stats().endpoints[A]).toMatchObject({ state: 'suspect', failures: 2 });
    bench.server(A).requests();
    for (let i = 0; i < 4; i++) bench.call();
    expect(bench.server(A).requests()).toEqual([]);
    bench.server(B).lost();
    expect(bench.server(A).requests()).toHaveLength(4);
  });

  test('an answer in time forgives the failures before it', () => {
    const bench = new ClientBench({ endpoints: [A] });
    bench.up(A);
    bench.call({ requestTimeout: 100, maxAttempts: 1 });
    bench.clock.advance(100);
    expect(bench.agent.stats().endpoints[A]).toMatchObject({ failures: 1 });
    bench.server(A).requests();
    bench.call();
    for (const request of bench.server(A).requests()) bench.server(A).reply(request, 'ok');
    expect(bench.agent.stats().endpoints[A]).toMatchObject({ failures: 0, state: 'alive' });
  });
});

test('the longest deadline is one that headers can say, whatever the time', () => {
  const bench = new ClientBench({ endpoints: [A] });
  bench.up(A);
  bench.beat(12_350, A);
  bench.call({ timeout: Number.MAX_SAFE_INTEGER });
  bench.clock.advance(0.3);
  bench.call({ timeout: Number.MAX_SAFE_INTEGER });
  for (const request of bench.server(A).requests()) {
    const timeout = request.dialect === 'negotiated' ? request.headers.timeout : undefined;
    expect(timeout).toBeLessThanOrEqual(Number.MAX_SAFE_INTEGER);
    expect(timeout).toBeGreaterThan(Number.MAX_SAFE_INTEGER - 10);
  }
});

test('an attempt whose failure is reported twice fails its call once', () => {
  const clock = new ManualClock();
  const notifications = new CallNotifications();
  const dispatcher = new Dispatcher({
    pool: new Pool<Server>(roundRobin(), () => 0),
    clock,
    scheduler: new Scheduler(clock),
    random: () => 0,
    notifications,
    isFailure: () => false,
    atMostOnce: new AtMostOncePatterns(NAMED_TO_CLIENT),
    connectTimeout: 5000,
    retryBudget: { ratio: 0.2, minPerSecond: 10 },
    meters: new PatternMeters(() => new ClientCallMeter()),
    dropped: () => {},
  });
  const sent: Attempt[] = [];
  const server = {
    endpoint: A,
    target: { endpoint: A },
    tier: 'preferred',
    hasRoom: true,
    isTooSmallFor: () => false,
    isOverdue: () => false,
    send: (attempt: Attempt) => sent.push(attempt),
    end: () => {},
  } as unknown as Server;
  const call = new ObservedCall();
  notifications.within(() => {
    dispatcher.call(callRequest(), call, server);
    const [attempt] = sent;
    if (!attempt) throw new Error('expected an attempt');
    for (let report = 0; report < 2; report++) dispatcher.attemptFailed(attempt, 'lost', 'gone');
  });
  expect(call.ends).toMatchObject([
    { code: 'ECONNRESET', attempts: [{ endpoint: A, outcome: 'gone' }] },
  ]);
});
