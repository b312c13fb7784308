import { describe, expect, test } from 'vitest';
import { FreelanceError } from '../../../lib/core/freelance-error.js';
import { A, B, callRequest, ClientBench } from '../../support/client-bench.js';

describe('connecting', () => {
  test('connects to every endpoint at once and pings after the handshake', () => {
    const bench = new ClientBench();
    expect(bench.sockets.connections.map(({ endpoint }) => endpoint)).toEqual([A, B]);
    expect(bench.sockets.to(A).received()).toEqual([]);
    bench.server(A).accept();
    expect(bench.sockets.to(A).received()).toMatchObject([
      { type: 'ping', dialect: 'negotiated', hello: { protocol: 2, id: 'client-1' } },
    ]);
  });

  test('connect resolves with the first server that answers', async () => {
    const bench = new ClientBench();
    const connected = bench.agent.connect();
    bench.server(A).lost('refused');
    bench.up(B);
    await expect(connected).resolves.toBeUndefined();
    await expect(bench.agent.connect()).resolves.toBeUndefined();
  });

  test('connect rejects with ECONNREFUSED after connectTimeout, naming each server and why', async () => {
    const bench = new ClientBench();
    const connected = bench.agent.connect();
    bench.server(A).lost('the connection was refused');
    bench.clock.advance(5000);
    await expect(connected).rejects.toMatchObject({ code: 'ECONNREFUSED' });
    await expect(connected).rejects.toThrow(`${A} is dead (the connection was refused)`);
    await expect(connected).rejects.toThrow(B);
  });

  test('after a failed connect, the next one tries again', async () => {
    const bench = new ClientBench();
    const first = bench.agent.connect();
    bench.clock.advance(5000);
    await expect(first).rejects.toThrow(FreelanceError);
    const second = bench.agent.connect();
    bench.up(A);
    await expect(second).resolves.toBeUndefined();
  });

  test('a call made before any server answered waits for the first one', () => {
    const bench = new ClientBench();
    const call = bench.call();
    bench.clock.advance(4000);
    bench.up(B);
    const [request] = bench.server(B).requests();
    expect(request).toBeDefined();
    expect(call.ends).toEqual([]);
  });

  test('until its first PONG a server gets no request', () => {
    const bench = new ClientBench({ endpoints: [A] });
    bench.server(A).accept();
    bench.call();
    expect(bench.server(A).requests()).toEqual([]);
    bench.server(A).pong();
    expect(bench.server(A).requests()).toHaveLength(1);
  });

  test('a call that finds no server fails with ECONNREFUSED after connectTimeout', () => {
    const bench = new ClientBench();
    const call = bench.call();
    bench.clock.advance(4999);
    expect(call.ends).toEqual([]);
    bench.clock.advance(1);
    expect(call.code).toBe('ECONNREFUSED');
  });
});

describe('membership', () => {
  test('an added endpoint is used as soon as it answers', () => {
    const bench = new ClientBench({ endpoints: [A] });
    bench.add(B);
    bench.up(B);
    bench.call();
    expect(bench.server(B).requests()).toHaveLength(1);
  });

  test('an endpoint that is added twice keeps its connection and its calls', () => {
    const bench = new ClientBench({ endpoints: [A] });
    bench.up(A);
    bench.add(A);
    expect(bench.sockets.connections).toHaveLength(1);
  });

  test('a removed endpoint answers what it has, gets nothing new, and is then let go', () => {
    const bench = new ClientBench();
    const [a] = bench.up(A, B);
    const call = bench.call();
    const [request] = bench.server(A).requests();
    bench.remove(A);
    expect(bench.sockets.to(A).isClosed).toBe(false);
    bench.call();
    bench.call();
    expect(a?.requests()).toEqual([]);
    if (request) a?.reply(request, 'the last');
    expect(call.values).toEqual(['the last']);
    expect(bench.sockets.to(A).isClosed).toBe(true);
    expect(Object.keys(bench.agent.stats().endpoints)).toEqual([B]);
  });

  test('the calls of a removed endpoint move if it dies', () => {
    const bench = new ClientBench();
    bench.up(A, B);
    bench.call();
    bench.remove(A);
    bench.server(A).lost();
    expect(bench.server(B).requests()).toHaveLength(1);
    bench.clock.advance(60_000);
    expect(bench.sockets.connections.filter(({ endpoint }) => endpoint === A)).toHaveLength(1);
  });
});

describe('bounds and the end', () => {
  test('more than maxPending open calls fail at once with OVERLOADED', () => {
    const bench = new ClientBench({ maxPending: 2 });
    const waiting = [bench.call(), bench.call()];
    expect(bench.call().code).toBe('OVERLOADED');
    expect(bench.agent.stats().pending).toBe(2);
    waiting[0]?.cancel();
    expect(bench.call().ends).toEqual([]);
  });

  test('those who wait for a connection count among the open calls', async () => {
    const bench = new ClientBench({ maxPending: 1 });
    const connected = bench.agent.connect();
    await expect(bench.agent.connect()).rejects.toMatchObject({ code: 'OVERLOADED' });
    expect(bench.call().code).toBe('OVERLOADED');
    bench.up(A);
    await expect(connected).resolves.toBeUndefined();
    expect(bench.call().ends).toEqual([]);
  });

  test('close fails what is open with CLOSED, closes every connection and leaves no timer', async () => {
    const bench = new ClientBench({ endpoints: [A, B] });
    bench.up(A);
    const calls = [bench.call(), bench.call()];
    bench.agent.close();
    bench.agent.close();
    expect(calls.map(({ code }) => code)).toEqual(['CLOSED', 'CLOSED']);
    expect(bench.sockets.connections.every(({ isClosed }) => isClosed)).toBe(true);
    expect(bench.clock.timers).toBe(0);
    expect(bench.call().code).toBe('CLOSED');
    await expect(bench.agent.connect()).rejects.toMatchObject({ code: 'CLOSED' });
  });

  test('close ends those who wait for a connection', async () => {
    const bench = new ClientBench();
    const connected = bench.agent.connect();
    bench.agent.close();
    await expect(connected).rejects.toMatchObject({ code: 'CLOSED' });
  });

  test('a caller may close the client when its call fails, in the midst of a failover', () => {
    const bench = new ClientBench();
    bench.up(A, B);
    const ended: unknown[] = [];
    const observer = {
      next: () => {},
      complete: () => {},
      error: (error: unknown) => {
        ended.push(error);
        bench.agent.close();
      },
    };
    bench.call();
    for (let i = 0; i < 3; i++) bench.agent.call(callRequest({ idempotent: false }), observer);
    bench.server(A).lost();
    expect(ended).toHaveLength(3);
    expect(bench.clock.timers).toBe(0);
    expect(bench.sockets.connections.every(({ isClosed }) => isClosed)).toBe(true);
  });

  test('a balancer that throws fails that call alone, with BALANCER and its error as the cause', () => {
    const fault = new Error('no idea');
    let isBroken = true;
    const bench = new ClientBench({
      balancer: {
        pick: ([first]) => {
          if (isBroken) throw fault;
          return first;
        },
      },
    });
    bench.up(A, B);
    const call = bench.call();
    expect(call.ends).toMatchObject([{ code: 'BALANCER', cause: fault }]);
    isBroken = false;
    expect(bench.call().ends).toEqual([]);
    expect(bench.agent.stats().pending).toBe(1);
  });
});

test('tells whether there is a server to call, and every change of a server', () => {
  const bench = new ClientBench();
  bench.up(A, B);
  bench.server(A).lost();
  bench.server(B).lost();
  bench.clock.advance(100);
  bench.up(A);
  expect(bench.usable).toEqual([true, false, true]);
  expect(bench.changes).toEqual([
    `${A} alive`,
    `${B} alive`,
    `${A} dead`,
    `${B} dead`,
    `${A} alive`,
  ]);
});
