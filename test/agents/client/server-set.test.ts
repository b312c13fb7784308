import { expect, test } from 'vitest';
import { ServerSet } from '../../../lib/agents/client/server-set.js';
import { Scheduler } from '../../../lib/agents/scheduler.js';
import { roundRobin } from '../../../lib/core/balancers/round-robin.js';
import { Member } from '../../../lib/core/member.js';
import { Pool } from '../../../lib/core/pool.js';
import { A, B, C, ClientBench } from '../../support/client-bench.js';
import { healths } from '../../support/healths.js';
import { ManualClock } from '../../support/manual-clock.js';

const named = (...endpoints: string[]) => endpoints.map((endpoint) => ({ endpoint }));
const known = (bench: ClientBench) => Object.keys(bench.agent.stats().endpoints);

test('a new set of servers takes the place of the old one; who is in both keeps its connection', () => {
  const bench = new ClientBench({ endpoints: [A, B] });
  bench.up(A, B);
  const before = bench.server(A);
  bench.agent.replaceServers(named(A, C));
  expect(known(bench)).toEqual([A, C]);
  expect(bench.server(A)).toBe(before);
  expect(bench.agent.stats().endpoints[A]?.state).toBe('alive');
});

test('who is named no more is drained: what is in flight there is still answered', () => {
  const bench = new ClientBench({ endpoints: [A] });
  bench.up(A);
  const call = bench.call();
  const [request] = bench.server(A).requests();
  const old = bench.server(A);
  bench.agent.replaceServers(named(B));
  bench.up(B);
  expect(known(bench)).toEqual([B]);
  if (request) old.reply(request, 'late');
  expect(call.values).toEqual(['late']);
});

test('while the old ones leave, the new ones are there: no call hears that there is no server', () => {
  const bench = new ClientBench({ endpoints: [A] });
  bench.up(A);
  bench.agent.replaceServers(named(B));
  const call = bench.call();
  bench.up(B);
  expect(bench.server(B).requests()).toHaveLength(1);
  expect(call.ends).toEqual([]);
});

test('an empty set leaves none, and the next one is used', () => {
  const bench = new ClientBench({ endpoints: [A] });
  bench.up(A);
  bench.agent.replaceServers([]);
  const call = bench.call();
  expect(known(bench)).toEqual([]);
  bench.agent.replaceServers(named(B));
  bench.up(B);
  expect(bench.server(B).requests()).toHaveLength(1);
  expect(call.ends).toEqual([]);
});

test('what depends on the servers reads all of them: it is told of a new set once, and not of the same one', () => {
  const random = () => 0;
  const clock = new ManualClock();
  const pool = new Pool<Member>(roundRobin(), random);
  let changes = 0;
  const set = new ServerSet<Member>(named(A, B, C), undefined, {
    environment: { clock, random, atTurnEnd: () => {} },
    scheduler: new Scheduler(clock),
    pool,
    zone: undefined,
    watch: ({ endpoint }) => pool.add(new Member(endpoint, healths.alive)),
    unwatch: (member) => pool.remove(member),
    renamed: (member, target) => (member.target = target),
    changed: () => changes++,
  });
  expect(changes).toBe(0);
  set.replace([
    { endpoint: A, weight: 2 },
    { endpoint: B, weight: 2 },
  ]);
  expect(changes).toBe(1);
  expect(pool.members.map(({ endpoint, weight }) => [endpoint, weight])).toEqual([
    [A, 2],
    [B, 2],
  ]);
  set.replace([
    { endpoint: A, weight: 2 },
    { endpoint: B, weight: 2 },
  ]);
  expect(changes).toBe(1);
});

test('servers that are named in other zones get calls by them at once', () => {
  const zones = (a: string, b: string) => [
    { endpoint: A, zone: a },
    { endpoint: B, zone: b },
  ];
  const bench = new ClientBench({ targets: zones('here', 'there'), zone: 'here' });
  bench.up(A, B);
  bench.call();
  bench.agent.replaceServers(zones('there', 'here'));
  bench.call();
  expect(bench.server(A).requests()).toHaveLength(1);
  expect(bench.server(B).requests()).toHaveLength(1);
});

test('a client whose last server leaves hears so', () => {
  const bench = new ClientBench({ endpoints: [A] });
  bench.up(A);
  bench.agent.replaceServers(named(B));
  expect(bench.usable).toEqual([true, false]);
});
