import { describe, expect, test } from 'vitest';
import type {
  ClientMessage,
  Content,
  NegotiatedReply,
  Request,
} from '../../../lib/protocol/messages.js';
import {
  A,
  B,
  callRequest,
  ClientBench,
  type FakeServer,
  PACKS,
} from '../../support/client-bench.js';
import { packOf, rawPack, valueOf } from '../../support/packs.js';
import { onTheWire } from '../../support/wire.js';

const EMPTY = Buffer.alloc(0);

/** A client of one server, or of two of which it prefers the first. */
const clientOf = (...endpoints: string[]) =>
  new ClientBench({ endpoints, balancer: { pick: ([first]) => first } });

/** What the client has posted: each ZeroMQ message as the types of those that it brought. */
const postsTo = (bench: ClientBench, endpoint: string) =>
  bench.sockets
    .to(endpoint)
    .posts()
    .map((messages) => messages.map(({ type }) => type).join(' '));

const valuesIn = (messages: readonly ClientMessage[]) => messages.map(valueOf);

function lastOf(request: Request | undefined, value: string): NegotiatedReply<Content> {
  if (request?.dialect !== 'negotiated') throw new Error('expected a negotiated request');
  const { id, dialect } = request;
  return { type: 'reply', dialect, id, body: value, headers: { status: 'last', type: 'text' } };
}

describe('calls of one turn', () => {
  test('leave together, in their order, to a server that names pack', () => {
    const bench = clientOf(A);
    bench.packing(A);
    for (const data of ['1', '2', '3']) bench.call({ data });
    expect(bench.sockets.to(A).posts()).toEqual([]);
    bench.turns.end();
    const [together = [], ...others] = bench.sockets.to(A).posts();
    expect(valuesIn(together)).toEqual(['1', '2', '3']);
    expect(others).toEqual([]);
  });

  test('leave one by one, at once, to a server that does not', () => {
    const bench = clientOf(A);
    bench.up(A);
    for (const data of ['1', '2', '3']) bench.call({ data });
    expect(postsTo(bench, A)).toEqual(['request', 'request', 'request']);
  });

  test.each(['tracked', 'basic'] as const)(
    'leave one by one to a server that speaks %s',
    (dialect) => {
      const bench = clientOf(A);
      bench.server(A).accept().pong(dialect);
      for (const data of ['1', '2']) bench.call({ data });
      expect(postsTo(bench, A)).toEqual(Array(dialect === 'basic' ? 1 : 2).fill('request'));
    },
  );

  test('leave together with what else is said to that server in the turn', () => {
    const bench = clientOf(A);
    bench.packing(A);
    const call = bench.call();
    bench.call({ kind: 'event' });
    call.cancel();
    bench.turns.end();
    expect(postsTo(bench, A)).toEqual(['request event cancel']);
  });

  test('to two servers leave in one pack for each', () => {
    const bench = new ClientBench();
    bench.packing(A, B);
    for (let n = 0; n < 4; n++) bench.call();
    bench.turns.end();
    expect(postsTo(bench, A)).toEqual(['request request']);
    expect(postsTo(bench, B)).toEqual(['request request']);
  });

  test('that waited for a server leave together when one has come', () => {
    const bench = clientOf(A);
    for (let n = 0; n < 3; n++) bench.call();
    bench.packing(A);
    bench.turns.end();
    expect(postsTo(bench, A)).toEqual(['request request request']);
  });
});

describe('a call with headers that no pack has room for', () => {
  const metadata = { long: 'm'.repeat(10_000) };

  test('leaves by itself, and does not take its neighbours with it', () => {
    const bench = clientOf(A);
    bench.packing(A);
    for (const data of ['1', '2']) bench.call({ data });
    bench.call({ data: 'long', metadata });
    bench.call({ data: '3' });
    bench.turns.end();
    const posts = bench.sockets.to(A).posts();
    expect(posts.map(valuesIn)).toEqual([['1', '2'], ['long'], ['3']]);
    expect(posts[1]).toMatchObject([{ headers: { metadata } }]);
  });

  test('goes elsewhere if the connection does not take it', () => {
    const bench = clientOf(A, B);
    bench.packing(A, B);
    bench.sockets.to(A).takes = false;
    bench.call({ kind: 'event', metadata, idempotent: false, maxAttempts: 1 });
    bench.sockets.to(A).undelivered();
    expect(bench.server(B).told()).toMatchObject([{ type: 'event', headers: { metadata } }]);
  });
});

describe('what a server understands is what its latest PONG has said', () => {
  test('a new connection begins without packs, though the one before had them', () => {
    const bench = clientOf(A);
    bench.packing(A);
    bench.server(A).lost();
    bench.clock.advance(200);
    bench.up(A);
    for (let n = 0; n < 2; n++) bench.call();
    expect(postsTo(bench, A)).toEqual(['request', 'request']);
  });

  test('a server may name pack later, or no longer', () => {
    const bench = clientOf(A);
    const [server] = bench.up(A);
    bench.clock.advance(1000);
    server?.pong('negotiated', PACKS);
    for (let n = 0; n < 2; n++) bench.call();
    bench.turns.end();
    expect(postsTo(bench, A)).toEqual(['request request']);
    bench.clock.advance(1000);
    server?.pong();
    for (let n = 0; n < 2; n++) bench.call();
    expect(postsTo(bench, A)).toEqual(['request', 'request']);
  });
});

test('a PING is never packed: it leaves at once, behind what waits', () => {
  const bench = clientOf(A);
  bench.packing(A);
  expect(postsTo(bench, A)).toEqual([]);
  for (let n = 0; n < 2; n++) bench.call();
  bench.clock.advance(1000);
  expect(postsTo(bench, A)).toEqual(['request request', 'ping']);
  bench.call();
  bench.turns.end();
  expect(postsTo(bench, A)).toEqual(['request']);
});

describe('a connection that is lost in the midst of a turn', () => {
  const once = { idempotent: false, maxAttempts: 1 };

  test('has not had what waits for the end of the turn: that goes elsewhere, whatever it is', () => {
    const bench = clientOf(A, B);
    bench.packing(A, B);
    const left = bench.call({ ...once, data: 'left' });
    bench.turns.end();
    const waits = bench.call({ ...once, data: 'waits' });
    bench.server(A).lost();
    bench.turns.end();
    expect(left.code).toBe('ECONNRESET');
    expect(waits.ends).toEqual([]);
    expect(valuesIn(bench.sockets.to(A).received())).toEqual(['left']);
    const elsewhere = bench.server(B).requests();
    expect(elsewhere).toMatchObject([{ headers: { attempt: 1 } }]);
    expect(valuesIn(elsewhere)).toEqual(['waits']);
    for (const request of elsewhere) bench.server(B).reply(request, 'from b');
    expect(waits).toMatchObject({ values: ['from b'], ends: ['complete'] });
  });

  test('nor an event', () => {
    const bench = clientOf(A, B);
    bench.packing(A, B);
    const call = bench.call({ ...once, kind: 'event' });
    bench.server(A).lost();
    bench.turns.end();
    const [event] = bench.server(B).told();
    if (event?.type !== 'event') throw new Error('expected an event');
    bench.sockets.to(B).says({ type: 'ack', id: event.id });
    expect(call.ends).toEqual(['complete']);
  });

  test('what went before the limit of a pack is lost with it, the rest is not', () => {
    const bench = clientOf(A, B);
    bench.packing(A, B);
    const calls = Array.from({ length: 72 }, () => bench.call(once));
    bench.server(A).lost();
    bench.turns.end();
    const codes = calls.map(({ code }) => code);
    expect(codes).toEqual([...Array<string>(64).fill('ECONNRESET'), ...Array(8).fill(undefined)]);
    expect(bench.server(B).requests()).toHaveLength(8);
  });

  test.each(['is lost', 'falls silent'])(
    'a call that waits for the end of the turn when its only server %s waits for the next connection',
    (how) => {
      const bench = clientOf(A);
      bench.packing(A);
      bench.clock.advance(2500);
      const call = bench.call(once);
      if (how === 'is lost') bench.server(A).lost();
      else bench.clock.advance(500);
      bench.turns.end();
      expect(bench.states).toEqual(['dead']);
      expect(call.ends).toEqual([]);
      bench.clock.advance(200);
      bench.packing(A);
      bench.turns.end();
      expect(bench.server(A).requests()).toMatchObject([{ headers: { attempt: 1 } }]);
    },
  );
});

test('each call of a pack that the connection does not take goes elsewhere', () => {
  const bench = clientOf(A, B);
  bench.packing(A, B);
  bench.sockets.to(A).takes = false;
  const calls = Array.from({ length: 3 }, (_, n) =>
    bench.call({ data: String(n), idempotent: false, maxAttempts: 1 }),
  );
  bench.turns.end();
  bench.sockets.to(A).undelivered();
  bench.turns.end();
  expect(valuesIn(bench.server(B).requests())).toEqual(['0', '1', '2']);
  expect(calls.flatMap(({ ends }) => ends)).toEqual([]);
});

describe('a pack from a server', () => {
  /** So many calls that have reached the server. */
  function called(count: number) {
    const bench = clientOf(A);
    const [server] = bench.packing(A) as [FakeServer];
    const calls = Array.from({ length: count }, () => bench.call());
    bench.turns.end();
    return { bench, server, calls, requests: server.requests() };
  }
  const valuesOf = (calls: { values: unknown[] }[]) => calls.map(({ values }) => values);

  test('answers one call after the other', () => {
    const { server, calls, requests } = called(3);
    server.connection.says(packOf(...requests.map((request, n) => lastOf(request, `value ${n}`))));
    expect(valuesOf(calls)).toEqual([['value 0'], ['value 1'], ['value 2']]);
    expect(calls.flatMap(({ ends }) => ends)).toEqual(Array(3).fill('complete'));
  });

  test('is understood though the server has not named pack', () => {
    const bench = clientOf(A);
    const [server] = bench.up(A) as [FakeServer];
    const call = bench.call();
    const replies = server.requests().map((request) => lastOf(request, 'packed'));
    server.connection.says(packOf({ type: 'goodbye' }, ...replies));
    expect(call.values).toEqual(['packed']);
    expect(bench.states).toEqual(['draining']);
  });

  test('is not heard beyond the message that ends the connection', () => {
    const { bench, server, requests, calls } = called(1);
    const heard: unknown[] = [];
    bench.agent.call(callRequest(), {
      next: (value) => {
        heard.push(value);
        bench.agent.close();
      },
      complete: () => {},
      error: () => {},
    });
    bench.turns.end();
    const [closing] = server.requests();
    const [other] = requests;
    if (!closing || !other) throw new Error('expected two requests');
    server.connection.says(packOf(lastOf(closing, 'closes'), lastOf(other, 'too late')));
    expect(heard).toEqual(['closes']);
    expect(calls.map(({ values, code }) => [values, code])).toEqual([[[], 'CLOSED']]);
    expect(bench.agent.stats().dropped).toEqual({});
  });

  test('that makes no sense is counted once, and nothing of it is heard', () => {
    const { bench, server, requests, calls } = called(2);
    const [delimiter = EMPTY, command = EMPTY, block = EMPTY] = onTheWire(
      packOf(...requests.map((request) => lastOf(request, 'value'))),
    );
    server.connection.says([delimiter, command, block.subarray(0, -1)]);
    server.connection.says([delimiter, command]);
    expect(bench.agent.stats().dropped).toEqual({ 'invalid-json': 1, 'invalid-pack': 1 });
    expect(valuesOf(calls)).toEqual([[], []]);
    server.connection.says([delimiter, command, block]);
    expect(valuesOf(calls)).toEqual([['value'], ['value']]);
    expect(bench.states).toEqual(['alive']);
  });

  test('may hold messages that make no sense: the others are heard', () => {
    const { bench, server, requests, calls } = called(2);
    const [first, second] = requests.map((request) => lastOf(request, '').id);
    server.connection.says(
      rawPack([
        ['REPLY', first, { status: 'last' }, 'value'],
        ['BOO', '1'],
        ['PACK', '1', [['REPLY', second, { status: 'last' }, 'from within']]],
        ['PONG', '1', 'now'],
        ['REPLY', second, 7, 'of no headers'],
        ['REPLY', second, 0, 'value'],
      ]),
    );
    expect(valuesOf(calls)).toEqual([['value'], ['value']]);
    expect(bench.agent.stats().dropped).toEqual({ 'unknown-command': 3, 'invalid-headers': 1 });
  });

  test('may bring a large body beside it, which is not copied', () => {
    const { server, requests, calls } = called(1);
    const large = Buffer.alloc(100_000);
    const [reply] = requests.map((request) => lastOf(request, ''));
    if (!reply) throw new Error('expected a request');
    const headers = { status: 'last', type: 'bytes' } as const;
    server.connection.says(packOf({ ...reply, body: large, headers }));
    expect(calls[0]?.values[0]).toBe(large);
  });

  test('may bring a body that cannot be read: its call fails, the others are answered', () => {
    const { server, requests, calls } = called(2);
    const [first, second] = requests.map((request) => lastOf(request, '').id);
    server.connection.says(
      rawPack([
        ['REPLY', first, { status: 'last', type: 'text' }, { not: 'text' }],
        ['REPLY', second, 0, 'text'],
      ]),
    );
    expect(calls.map(({ values, code }) => [values, code])).toEqual([
      [[], 'PROTOCOL'],
      [['text'], undefined],
    ]);
  });
});

describe('a client that closes in the midst of a turn', () => {
  test('sends what waits, and says goodbye', () => {
    const bench = clientOf(A);
    bench.packing(A);
    for (let n = 0; n < 2; n++) bench.call();
    bench.agent.close();
    expect(postsTo(bench, A)).toEqual(['request request goodbye']);
    bench.turns.end();
    expect(postsTo(bench, A)).toEqual([]);
  });

  test('a server that is let go gets what waits for it first', () => {
    const bench = clientOf(A, B);
    bench.packing(A, B);
    const call = bench.call();
    call.cancel();
    bench.remove(A);
    expect(postsTo(bench, A)).toEqual(['request cancel goodbye']);
    expect(bench.sockets.to(A).isClosed).toBe(true);
  });
});
