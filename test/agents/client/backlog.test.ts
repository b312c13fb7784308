import { expect, test } from 'vitest';
import { A, B, C, ClientBench, type ObservedCall } from '../../support/client-bench.js';

/** Calls that wait, for no server has answered yet. */
function waiting(count: number, connectTimeout = 25_000) {
  const bench = new ClientBench({ endpoints: [A], connectTimeout });
  const calls = Array.from({ length: count }, () => bench.call());
  bench.up(A);
  return { bench, calls };
}

const codes = (calls: readonly ObservedCall[]) => new Set(calls.map(({ code }) => code));

test('calls that waited for the first server go out ten at first, and two more for each that is answered', () => {
  const { bench } = waiting(60);
  const [first, ...others] = bench.server(A).requests();
  expect(others).toHaveLength(9);
  if (first) bench.server(A).reply(first, 'done');
  expect(bench.server(A).requests()).toHaveLength(2);
});

test('calls whose answers take long go out all the same, once they were not refused for a while', () => {
  const { bench } = waiting(60);
  expect(bench.server(A).requests()).toHaveLength(10);
  bench.beat(250, A);
  expect(bench.server(A).requests()).toHaveLength(20);
});

test('a server that returns and takes five at a time serves all that have waited: none is told OVERLOADED', () => {
  const { bench, calls } = waiting(95);
  let refused = 0;
  for (let ms = 0; ms < 20_000 && calls.some(({ ends }) => ends.length === 0); ms += 20) {
    const requests = bench.server(A).requests();
    for (const request of requests.splice(5)) {
      refused++;
      bench.server(A).reply(request, { reason: 'busy' }, 'refused');
    }
    bench.beat(20, A);
    for (const request of requests) bench.server(A).reply(request, 'done');
  }
  expect(codes(calls)).toEqual(new Set([undefined]));
  expect(calls.every(({ ends }) => ends[0] === 'complete')).toBe(true);
  expect(refused).toBeLessThan(95);
});

test('a server that refuses everything is asked ever more rarely, until the time of the calls is over', () => {
  const { bench, calls } = waiting(60, 5000);
  let asked = 0;
  const refuseFor = (duration: number) => {
    for (let ms = 0; ms < duration; ms += 10) {
      for (const request of bench.server(A).requests()) {
        asked++;
        bench.server(A).reply(request, { reason: 'busy' }, 'refused');
      }
      bench.beat(10, A);
    }
  };
  refuseFor(4000);
  expect(codes(calls)).toEqual(new Set([undefined]));
  refuseFor(2000);
  expect(codes(calls)).toEqual(new Set(['OVERLOADED']));
  expect(asked).toBeLessThan(60);
});

test('a call that waits for its second round waits on, if the servers go meanwhile', () => {
  const bench = new ClientBench({ endpoints: [A, B] });
  bench.up(A);
  const call = bench.call();
  for (const request of bench.server(A).requests()) {
    bench.server(A).reply(request, { reason: 'busy' }, 'refused');
  }
  bench.server(A).lost();
  bench.clock.advance(200);
  expect(call.ends).toEqual([]);
  bench.up(B);
  for (const request of bench.server(B).requests()) bench.server(B).reply(request, 'from b');
  expect(call.values).toEqual(['from b']);
});

test('calls that have waited may be cancelled, and take no place of others', () => {
  const { bench, calls } = waiting(30);
  for (const call of calls.slice(0, 10)) call.cancel();
  bench.beat(250, A);
  expect(bench.server(A).requests().length).toBeGreaterThan(10);
  for (const call of calls) call.cancel();
  expect(bench.agent.stats().pending).toBe(0);
});

test('2,500 calls that wait while all servers restart are served as those return: none is told OVERLOADED', () => {
  const endpoints = [A, B, C];
  const bench = new ClientBench({ endpoints, connectTimeout: 25_000, maxPending: 10_000 });
  bench.up(A, B, C);
  for (const endpoint of endpoints) bench.server(endpoint).lost();
  const calls = Array.from({ length: 2500 }, () => bench.call({ timeout: Infinity }));
  const isOver = () => calls.every(({ ends }) => ends.length > 0);
  const back = new Set<string>();
  const returning = [
    [A, 5000],
    [B, 7000],
    [C, 9000],
  ] as const;
  for (let ms = 0; ms < 24_000 && !isOver(); ms += 20) {
    for (const [endpoint, at] of returning) {
      if (back.has(endpoint) || bench.sockets.to(endpoint).isClosed) continue;
      if (ms < at) {
        bench.server(endpoint).lost('connection refused');
      } else {
        back.add(endpoint);
        bench.up(endpoint);
      }
    }
    const taken = [...back].map((endpoint) => {
      const requests = bench.server(endpoint).requests();
      // Places for 16, each for 20 ms: 2,400 a second with all three.
      for (const request of requests.splice(16))
        bench.server(endpoint).reply(request, { reason: 'busy' }, 'refused');
      return { endpoint, requests };
    });
    bench.beat(20, ...back);
    for (const { endpoint, requests } of taken)
      for (const request of requests) bench.server(endpoint).reply(request, 'done');
  }
  expect(codes(calls)).toEqual(new Set([undefined]));
  expect(calls.every(({ ends }) => ends[0] === 'complete')).toBe(true);
});

test('a call that busy servers refuse over and over keeps no more than the latest of what they said', () => {
  const { bench, calls } = waiting(1, 200_000);
  let asked = 0;
  for (let ms = 0; ms < 400_000 && calls[0]?.ends.length === 0; ms += 10) {
    for (const request of bench.server(A).requests()) {
      bench.server(A).reply(request, { reason: 'busy', message: `no ${++asked}` }, 'refused');
    }
    bench.beat(10, A);
  }
  expect(asked).toBeGreaterThan(100);
  expect(calls[0]).toMatchObject({ code: 'OVERLOADED', ends: [{ attempts: { length: 64 } }] });
  expect(String(calls[0]?.ends[0])).toContain(`Tried: ${asked - 64} times before; ${A}, refused`);
});
