import { describe, expect, test } from 'vitest';
import { A, B, ClientBench } from '../../support/client-bench.js';

describe('heartbeats', () => {
  test('pings once per interval and measures the round trip', () => {
    const bench = new ClientBench({ endpoints: [A] });
    bench.server(A).accept();
    bench.clock.advance(20);
    bench.server(A).pong();
    expect(bench.agent.stats().endpoints[A]).toMatchObject({ state: 'alive', latencyMs: 20 });
    bench.sockets.to(A).received();
    bench.clock.advance(1000);
    expect(bench.sockets.to(A).received()).toHaveLength(1);
  });

  test('a silent server is first suspect, then dead, and its calls move', () => {
    const bench = new ClientBench();
    bench.up(A, B);
    const calls = [bench.call(), bench.call()];
    bench.beat(2100, B);
    expect(bench.states).toEqual(['suspect', 'alive']);
    bench.beat(1000, B);
    expect(bench.states).toEqual(['dead', 'alive']);
    for (const request of bench.server(B).requests()) bench.server(B).reply(request, 'from b');
    expect(calls.map((call) => call.values)).toEqual([['from b'], ['from b']]);
  });

  test('any message proves life, not only a PONG', () => {
    const bench = new ClientBench({ endpoints: [A] });
    bench.up(A);
    bench.call();
    const [request] = bench.server(A).requests();
    for (let i = 0; i < 50; i++) {
      bench.clock.advance(100);
      if (request) bench.server(A).reply(request, i, 'next');
    }
    expect(bench.states).toEqual(['alive']);
  });

  test('when a server was last heard is told, whatever it said', () => {
    const bench = new ClientBench({ endpoints: [A] });
    const lastSeen = () => bench.agent.stats().endpoints[A]?.lastSeenMs;
    bench.server(A).accept();
    expect(lastSeen()).toBeUndefined();
    bench.server(A).pong();
    bench.clock.advance(300);
    expect(lastSeen()).toBe(300);
    bench.call();
    for (const request of bench.server(A).requests()) bench.server(A).reply(request, 1);
    expect(lastSeen()).toBe(0);
  });

  test('a late PONG of a ping that is no longer known proves life too', () => {
    const bench = new ClientBench({ endpoints: [A] });
    bench.up(A);
    bench.clock.advance(2500);
    expect(bench.states).toEqual(['suspect']);
    const time = 'long ago';
    bench.sockets.to(A).says({ type: 'pong', dialect: 'tracked', id: 'long ago', time });
    expect(bench.states).toEqual(['alive']);
    expect(bench.agent.stats().dropped).toEqual({ 'unknown-pong': 1 });
  });

  test('a PONG that is repeated brings news, and is not counted as a mistake', () => {
    const bench = new ClientBench({ endpoints: [A] });
    const { connection } = bench.server(A).accept();
    const [ping] = connection.received();
    if (ping?.type !== 'ping' || ping.dialect !== 'negotiated') throw new Error('expected a PING');
    const pong = { ...ping, type: 'pong' } as const;
    connection.says(pong);
    connection.says({ ...pong, hello: { ...pong.hello, state: 'draining' } });
    expect(bench.states).toEqual(['draining']);
    expect(bench.agent.stats().dropped).toEqual({});
  });

  test('a client that stood still does not take its servers for dead', () => {
    const bench = new ClientBench();
    bench.up(A, B);
    const call = bench.call();
    bench.clock.stall(20_000);
    bench.server(A).pong();
    bench.server(B).pong();
    bench.beat(2000, A, B);
    expect(bench.states).toEqual(['alive', 'alive']);
    expect(call.ends).toEqual([]);
    expect(bench.changes).not.toContain(`${A} dead`);
  });

  /** How long the client leaves A alone after each of so many failed probes. */
  const pausesOf = (bench: ClientBench, probes: number, ...living: string[]) =>
    Array.from({ length: probes }, () => {
      const before = bench.sockets.to(A);
      const lostAt = bench.clock.now();
      bench.server(A).lost('refused');
      while (bench.sockets.to(A) === before) bench.beat(10, ...living);
      return bench.clock.now() - lostAt;
    });

  test('a dead server is probed with growing, jittered pauses, and used again when it answers', () => {
    const bench = new ClientBench();
    bench.up(B);
    const lostAt = bench.clock.now();
    const early: number[] = [];
    while (bench.clock.now() < lostAt + 58_000) early.push(...pausesOf(bench, 1, B));
    expect(Math.max(...early.slice(0, 3))).toBeLessThanOrEqual(400);
    // A minute of them, none longer than a heartbeat interval: whenever it returns, it is found soon.
    expect(Math.max(...early)).toBeLessThanOrEqual(1000);
    expect(Math.max(...early)).toBeGreaterThan(700);
    pausesOf(bench, 5, B);
    bench.beat(2000, B);
    const later = pausesOf(bench, 12, B);
    expect(Math.max(...later)).toBeGreaterThan(2000);
    expect(Math.max(...later)).toBeLessThanOrEqual(10_000);
    expect(new Set(later.slice(-4)).size).toBeGreaterThan(1);
    bench.up(A);
    bench.beat(10_000, A, B);
    bench.call();
    bench.call();
    expect(bench.server(A).requests()).toHaveLength(1);
  });

  test('while nobody is usable, the pauses grow to a heartbeat interval and no further', () => {
    const bench = new ClientBench({ endpoints: [A] });
    expect(Math.max(...pausesOf(bench, 30))).toBeLessThanOrEqual(1000);
  });

  test('a long rest is cut short when the last usable server is lost', () => {
    const bench = new ClientBench();
    bench.up(B);
    pausesOf(bench, 12, B);
    bench.server(A).lost('refused');
    const before = bench.sockets.to(A);
    bench.server(B).lost();
    bench.clock.advance(1000);
    expect(bench.sockets.to(A)).not.toBe(before);
  });

  test('a long rest is cut short when another server comes back, of which none was left', () => {
    const bench = new ClientBench();
    bench.up(B);
    bench.server(B).lost();
    pausesOf(bench, 12);
    bench.server(A).lost('refused');
    const before = bench.sockets.to(A);
    bench.up(B);
    bench.clock.advance(100);
    expect(bench.sockets.to(A)).not.toBe(before);
  });

  test('a server that is not ready gets no calls until it is', () => {
    const bench = new ClientBench({ endpoints: [A] });
    bench.server(A).accept().pong('negotiated', { state: 'unready' });
    bench.call();
    expect(bench.server(A).requests()).toEqual([]);
    bench.clock.advance(1000);
    bench.server(A).pong();
    expect(bench.server(A).requests()).toHaveLength(1);
  });

  test('a connection that was replaced has no say any more', () => {
    const bench = new ClientBench({ endpoints: [A] });
    bench.up(A);
    const old = bench.server(A);
    old.lost();
    bench.clock.advance(200);
    bench.up(A);
    old.lost();
    old.connection.says([Buffer.from('nonsense')]);
    expect(bench.states).toEqual(['alive']);
    expect(bench.agent.stats().dropped).toEqual({});
  });

  test('a server whose calls time out is not cleared by a PONG, only by its trial', () => {
    const bench = new ClientBench({ endpoints: [A], maxFailures: 1 });
    bench.up(A);
    bench.call({ requestTimeout: 100, maxAttempts: 1 });
    bench.beat(1500, A);
    expect(bench.states).toEqual(['suspect']);
    bench.server(A).requests();
    bench.beat(2000, A);
    expect(bench.states).toEqual(['suspect']);
    bench.call();
    for (const request of bench.server(A).requests()) bench.server(A).reply(request, 'well again');
    expect(bench.states).toEqual(['alive']);
    expect(bench.agent.stats().endpoints[A]).toMatchObject({ failures: 0, ejections: 1 });
  });

  test('a draining server keeps its calls and gets no new ones', () => {
    const bench = new ClientBench();
    bench.up(A, B);
    const first = bench.call();
    const [request] = bench.server(A).requests();
    bench.clock.advance(1000);
    bench.server(A).pong('negotiated', { state: 'draining' });
    bench.server(B).pong();
    bench.call();
    bench.call();
    expect(bench.server(A).requests()).toEqual([]);
    expect(bench.server(B).requests()).toHaveLength(2);
    if (request) bench.server(A).reply(request, 'done');
    expect(first.values).toEqual(['done']);
  });
});

describe('older dialects', () => {
  test('a tracked server gets Nest packets with ids, raw text as it is', () => {
    const bench = new ClientBench({ endpoints: [A] });
    bench.server(A).accept().pong('tracked');
    bench.call({ pattern: 'sum', data: [1, 2] });
    bench.call({ pattern: 'REQUEST', data: 'hello' });
    const requests = bench.server(A).requests();
    expect(requests).toMatchObject([
      { dialect: 'tracked', body: Buffer.from('{"pattern":"sum","data":[1,2]}') },
      { dialect: 'tracked', body: Buffer.from('hello') },
    ]);
    expect(bench.agent.stats().endpoints[A]).toMatchObject({ dialect: 'tracked' });
  });

  test('a basic server gets one request at a time, in the order of the calls', () => {
    const bench = new ClientBench({ endpoints: [A] });
    bench.server(A).accept().pong('basic');
    const calls = [1, 2, 3].map((data) => bench.call({ data }));
    for (const answer of ['one', 'two', 'three']) {
      const requests = bench.server(A).requests();
      expect(requests).toHaveLength(1);
      for (const request of requests) bench.server(A).reply(request, answer);
    }
    expect(calls.map(({ values }) => values)).toEqual([['one'], ['two'], ['three']]);
  });

  test('the late reply of a basic server never answers the next call', () => {
    const bench = new ClientBench({ endpoints: [A] });
    const server = bench.server(A).accept().pong('basic');
    bench.call({ requestTimeout: 100, maxAttempts: 1 });
    const [late] = server.requests();
    bench.clock.advance(100);
    expect(server.connection.isClosed).toBe(true);
    const next = bench.call();
    if (late) server.reply(late, 'too late');
    expect(next.values).toEqual([]);
    bench.server(A).accept().pong('basic');
    for (const request of bench.server(A).requests()) bench.server(A).reply(request, 'mine');
    expect(next.values).toEqual(['mine']);
  });

  test('a basic server whose calls time out rests, although each costs the connection', () => {
    const bench = new ClientBench({ endpoints: [A], maxFailures: 2 });
    bench.server(A).accept().pong('basic');
    for (let i = 0; i < 2; i++) {
      bench.call({ requestTimeout: 100, maxAttempts: 1 });
      bench.clock.advance(100);
      bench.server(A).accept().pong('basic');
    }
    expect(bench.agent.stats().endpoints[A]).toMatchObject({ state: 'suspect', failures: 2 });
  });

  test.each(['cancelled', 'timed out'])(
    'a call that waits while the one before is %s is sent once, on the new connection',
    (how) => {
      const bench = new ClientBench({ endpoints: [A] });
      bench.server(A).accept().pong('basic');
      const before = bench.call({ requestTimeout: 100, maxAttempts: 1 });
      const waiting = bench.call({ maxAttempts: 1, idempotent: false });
      if (how === 'cancelled') before.cancel();
      else bench.clock.advance(100);
      const [request] = bench.server(A).accept().pong('basic').requests();
      if (request) bench.server(A).reply(request, 'mine');
      expect(waiting).toMatchObject({ values: ['mine'], ends: ['complete'] });
    },
  );

  test('a reply that reads as an error of Nest fails the call as Nest would', () => {
    const bench = new ClientBench({ endpoints: [A] });
    bench.server(A).accept().pong('tracked');
    const call = bench.call();
    const error = { status: 'error', message: 'no such thing' };
    for (const request of bench.server(A).requests()) bench.server(A).reply(request, error);
    expect(call.ends).toEqual([error]);
  });
});

test('nonsense from a server is counted and dropped, and the server stays', () => {
  const bench = new ClientBench({ endpoints: [A] });
  bench.up(A);
  const connection = bench.sockets.to(A);
  const text = (...frames: string[]) => frames.map((frame) => Buffer.from(frame));
  connection.says(text('', 'BOO'));
  connection.says(text('no-delimiter'));
  connection.says([]);
  connection.says(text('', 'REPLY'));
  connection.says(text('', 'REPLY', 'x', '1', 'not json'));
  connection.says(text('', 'REPLY', 'nobody', '1', '{"status":"last"}'));
  connection.says([...text('', 'PONG'), Buffer.from([0xff])]);
  expect(bench.agent.stats().dropped).toEqual({
    'unknown-command': 1,
    'no-delimiter': 2,
    'wrong-frame-count': 1,
    'invalid-json': 1,
    'unknown-reply': 1,
    'invalid-utf8': 1,
  });
  bench.call();
  expect(bench.server(A).requests()).toHaveLength(1);
});

test('a server that says that it lost messages gets a fresh connection, and its calls end or move', () => {
  const bench = new ClientBench({ endpoints: [A] });
  const [server] = bench.up(A);
  const [stream, once, again] = [{}, { idempotent: false }, {}].map((options) =>
    bench.call(options),
  );
  const [first] = server?.requests() ?? [];
  if (first) server?.reply(first, 'a value', 'next');
  bench.clock.advance(1000);
  server?.pong('negotiated', { lost: true });
  expect(server?.connection.isClosed).toBe(true);
  expect([stream?.code, once?.code, again?.ends]).toEqual(['STREAM_BROKEN', 'ECONNRESET', []]);
  const [fresh] = bench.up(A);
  for (const request of fresh?.requests() ?? []) fresh?.reply(request, 'the second time');
  expect(again?.values).toEqual(['the second time']);
  bench.clock.advance(1000);
  fresh?.pong();
  expect(bench.states).toEqual(['alive']);
});

describe('the next connection to a server', () => {
  /** A server of which a connection was lost, and the next one is under way. */
  function reconnecting(): ClientBench {
    const bench = new ClientBench({ endpoints: [A] });
    bench.up(A);
    bench.server(A).lost();
    const { connection: lost } = bench.server(A);
    bench.clock.advance(200);
    expect(bench.server(A).connection).not.toBe(lost);
    return bench;
  }

  test('is told nothing before its handshake, and is not taken for a silent one', () => {
    const bench = reconnecting();
    bench.clock.advance(4900);
    expect(bench.sockets.to(A).received()).toEqual([]);
    expect(bench.sockets.to(A).isClosed).toBe(false);
  });

  test('is told no goodbye before its first PONG: who is there may not understand it', () => {
    const bench = reconnecting();
    const server = bench.server(A).accept();
    bench.agent.close();
    expect(server.told()).toEqual([]);
    expect(server.connection.isClosed).toBe(true);
  });
});

/** Calls the first server that it may, and notes how fast that is taken to be. */
function notingResponses(endpoints?: readonly string[]) {
  const responses: (number | undefined)[] = [];
  const bench = new ClientBench({
    ...(endpoints && { endpoints }),
    balancer: {
      pick: ([first], { now }) => {
        responses.push(first.responseMs(now));
        return first;
      },
    },
  });
  return { bench, responses };
}

test('a server that lets a call time out is known to be slow', () => {
  const { bench, responses } = notingResponses();
  bench.up(A, B);
  bench.call({ requestTimeout: 100 });
  bench.clock.advance(100);
  expect(bench.server(B).requests()).toHaveLength(1);
  bench.call();
  expect(responses.at(-1)).toBe(100);
});

test('but not one that is silent: that says nothing of how fast it is', () => {
  const { bench, responses } = notingResponses([A]);
  bench.up(A);
  bench.clock.advance(1000);
  bench.call({ requestTimeout: 1500, idempotent: false });
  bench.clock.advance(1500);
  expect(bench.states).toEqual(['suspect']);
  bench.up(A);
  bench.call();
  expect(responses.at(-1)).toBeUndefined();
});

test('nor one whose stream was under way when its deadline passed', () => {
  const { bench, responses } = notingResponses([A]);
  bench.up(A);
  const call = bench.call({ timeout: 1000 });
  bench.clock.advance(10);
  for (const request of bench.server(A).requests()) bench.server(A).reply(request, 1, 'next');
  bench.beat(1000, A);
  expect(call.code).toBe('ETIMEDOUT');
  bench.call();
  expect(responses.at(-1)).toBeLessThanOrEqual(10);
});
