import { expect, test } from 'vitest';
import { A, B, ClientBench } from '../../support/client-bench.js';

const WHY = 'it does not authorize this client';

function refusedBy(bench: ClientBench, ...endpoints: string[]) {
  for (const endpoint of endpoints) bench.server(endpoint).lost(WHY, 'unauthorized');
}

test('a call waits while one server may still let the client in, and ends when none does', () => {
  const bench = new ClientBench();
  const call = bench.call();
  refusedBy(bench, A);
  expect(call.ends).toEqual([]);
  refusedBy(bench, B);
  expect(call.code).toBe('UNAUTHORIZED');
  expect(String(call.ends[0])).toContain(`${A} is dead (${WHY}); ${B} is dead (${WHY})`);
});

test('who waits for a connection is told, and whoever comes later, at once', async () => {
  const bench = new ClientBench();
  const connected = bench.agent.connect();
  refusedBy(bench, A, B);
  await expect(connected).rejects.toMatchObject({ code: 'UNAUTHORIZED' });
  await expect(bench.agent.connect()).rejects.toMatchObject({ code: 'UNAUTHORIZED' });
  expect(bench.call().code).toBe('UNAUTHORIZED');
});

test('a server that is merely down may come back: calls wait for it', () => {
  const bench = new ClientBench();
  refusedBy(bench, A);
  bench.server(B).lost();
  const call = bench.call();
  expect(call.ends).toEqual([]);
  bench.clock.advance(5000);
  expect(call.code).toBe('ECONNREFUSED');
});

test('where another server lives, calls go there', () => {
  const bench = new ClientBench();
  refusedBy(bench, A);
  const [b] = bench.up(B);
  bench.call();
  bench.call();
  expect(b?.requests()).toHaveLength(2);
});

test('a server that refused a client is probed with a growing pause, and used once it lets it in', async () => {
  const bench = new ClientBench({ endpoints: [A] });
  let probes = 0;
  for (let passed = 0; passed < 60_000; passed += 10) {
    const before = bench.sockets.connections.length;
    refusedBy(bench, A);
    bench.clock.advance(10);
    probes += bench.sockets.connections.length - before;
  }
  expect(probes).toBeGreaterThan(6);
  // A dead server that is needed would be probed every second.
  expect(probes).toBeLessThan(30);
  bench.clock.advance(10_000);
  bench.up(A);
  await bench.agent.connect();
  expect(bench.states).toEqual(['alive']);
});

test('a server that lets the client no longer in says so: its connection ends, its calls fail or move', () => {
  const bench = new ClientBench();
  const [a, b] = bench.up(A, B);
  const [one, other] = [bench.call({ idempotent: false }), bench.call({ idempotent: false })];
  a?.connection.says({ type: 'denied' });
  expect(a?.connection.isClosed).toBe(true);
  expect(one.code).toBe('ECONNRESET');
  expect(other.ends).toEqual([]);
  expect(bench.states).toEqual(['dead', 'alive']);
  bench.call();
  expect(b?.requests()).toHaveLength(2);
});

test('a call that was to ask busy servers once more ends when they let its client no longer in', () => {
  const bench = new ClientBench();
  bench.up(A, B);
  const call = bench.call();
  for (const server of [A, B].map((endpoint) => bench.server(endpoint)))
    for (const request of server.requests()) server.reply(request, { reason: 'busy' }, 'refused');
  expect(call.ends).toEqual([]);
  refusedBy(bench, A, B);
  expect(call.code).toBe('UNAUTHORIZED');
});

test('a server that was merely dead, and now refuses, ends what waits for it at once', () => {
  const bench = new ClientBench({ endpoints: [A] });
  bench.server(A).lost('the connection was refused');
  const call = bench.call();
  bench.clock.advance(200);
  expect(call.ends).toEqual([]);
  bench.server(A).lost('it does not authorize this client', 'unauthorized');
  expect(call.code).toBe('UNAUTHORIZED');
});
