import { expect, test } from 'vitest';
import { A, B, C, ClientBench } from '../../support/client-bench.js';

const ALL = [A, B, C];

/** Who gets a call, which is answered at once. */
const served = (bench: ClientBench, routingKey?: string) => {
  bench.call({ routingKey });
  const holder = ALL.find((endpoint) => {
    const requests = bench.server(endpoint).requests();
    for (const request of requests) bench.server(endpoint).reply(request, 'ok');
    return requests.length > 0;
  });
  if (!holder) throw new Error('nobody has the call');
  return holder;
};

test('calls of one key go to one server, those without a key to any', () => {
  const bench = new ClientBench({ endpoints: ALL });
  bench.up(...ALL);
  expect(new Set(Array.from({ length: 9 }, () => served(bench, 'user-42'))).size).toBe(1);
  expect(new Set(Array.from({ length: 9 }, () => served(bench))).size).toBe(3);
});

test('clients that know the servers in another order agree', () => {
  const holdersOf = (endpoints: string[]) => {
    const bench = new ClientBench({ endpoints });
    bench.up(...ALL);
    return Array.from({ length: 20 }, (_, user) => served(bench, `user-${user}`));
  };
  expect(holdersOf([C, A, B])).toEqual(holdersOf(ALL));
});

test('the keys of a server that dies go to others, come back with it, and no others move', () => {
  const bench = new ClientBench({ endpoints: ALL });
  bench.up(...ALL);
  const users = Array.from({ length: 30 }, (_, n) => `user-${n}`);
  const before = users.map((user) => served(bench, user));
  bench.server(A).lost();
  const meanwhile = users.map((user) => served(bench, user));
  expect(meanwhile).not.toContain(A);
  const ofOthers = (_: string, user: number) => before[user] !== A;
  expect(meanwhile.filter(ofOthers)).toEqual(before.filter(ofOthers));
  bench.clock.advance(200);
  bench.up(A);
  expect(users.map((user) => served(bench, user))).toEqual(before);
});

test.each(['a', 'b', 'c', 'd', 'e'])(
  'a hedge of %s goes where its calls would if a server failed',
  (user) => {
    const bench = new ClientBench({ endpoints: ALL });
    bench.up(...ALL);
    const holds = () => ALL.find((endpoint) => bench.server(endpoint).requests().length > 0) ?? '';
    bench.call({ routingKey: user, hedge: { after: 50, max: 1 } });
    const first = holds();
    bench.clock.advance(50);
    const second = holds();
    expect([second, '']).not.toContain(first);
    const failed = new ClientBench({ endpoints: ALL });
    failed.up(...ALL);
    failed.server(first).lost();
    expect(served(failed, user)).toBe(second);
  },
);
