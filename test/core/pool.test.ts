import { describe, expect, test } from 'vitest';
import type { Balancer, PickContext, ServerView } from '../../lib/core/balancer.js';
import type { Eligibility } from '../../lib/core/eligibility.js';
import { FreelanceError } from '../../lib/core/freelance-error.js';
import { Member } from '../../lib/core/member.js';
import { Pool } from '../../lib/core/pool.js';
import { healths } from '../support/healths.js';
import { seededRandom } from '../support/random.js';

const server = (endpoint: string, state: keyof typeof healths = 'alive') =>
  new Member(endpoint, healths[state]);

/** Takes the first, and notes what it was given. */
class FirstOf implements Balancer {
  readonly offers: string[][] = [];
  context: PickContext | undefined;

  pick<T extends ServerView>(servers: readonly [T, ...T[]], context: PickContext): T {
    this.offers.push(servers.map(({ endpoint }) => endpoint));
    this.context = context;
    return servers[0];
  }
}

const random = () => 0.5;

function pool(...members: Member[]): { pool: Pool<Member>; balancer: FirstOf } {
  const balancer = new FirstOf();
  const filled = new Pool<Member>(balancer, random);
  for (const member of members) filled.add(member);
  return { pool: filled, balancer };
}

interface Experience {
  /** Those who said no. */
  refused?: Member[];
  /** Those whose connection would not take it. */
  undelivered?: Member[];
  /** Those who had it, and did not answer. */
  tried?: Member[];
  /** Those who had it, were told to stop, and may not have heard it. */
  running?: Member[];
  /** How often its server was lost. */
  losses?: number;
}

const call = ({
  refused = [],
  undelivered = [],
  tried = [],
  running = [],
  losses = 0,
}: Experience = {}) =>
  ({
    losses,
    cannotGoTo: (member) => [...refused, ...undelivered, ...running].includes(member),
    wasRefusedBy: (member) => refused.includes(member),
    wasTriedAt: (member) => tried.includes(member),
    mayStillRunAt: (member) => running.includes(member),
  }) satisfies Eligibility<Member>;

const full = (member: Member) => Object.assign(member, { capacity: 1, pending: 1 });

describe('members', () => {
  test('are known by their endpoint, in the order in which they came', () => {
    const [a, b] = [server('a'), server('b', 'dead')];
    const { pool: both } = pool(b, a);
    expect(both.members).toEqual([b, a]);
    expect(both.get('a')).toBe(a);
    expect(both.get('c')).toBeUndefined();
    expect(both.size).toBe(2);
  });

  test('know the others, and not themselves, as their peers', () => {
    const [a, b, c] = [server('a'), server('b'), server('c')];
    const { pool: three } = pool(a, b, c);
    expect([a.peers(), b.peers()]).toEqual([
      [b, c],
      [a, c],
    ]);
    three.remove(c);
    expect(a.peers()).toEqual([b]);
  });

  test('that are removed get no calls', () => {
    const [a, b] = [server('a'), server('b')];
    const { pool: both } = pool(a, b);
    both.pick(call(), 0);
    both.remove(a);
    expect(both.members).toEqual([b]);
    expect(both.get('a')).toBeUndefined();
    expect(both.pick(call(), 0)).toBe(b);
  });

  test('that are added get calls at once', () => {
    const { pool: one } = pool();
    expect(one.pick(call(), 0)).toBeUndefined();
    const a = server('a');
    one.add(a);
    expect(one.pick(call(), 0)).toBe(a);
  });

  test('that are added make a pool usable if they are, and that are removed unusable if they were the last', () => {
    const { pool: one } = pool();
    const a = server('a');
    const usable = [one.isUsable];
    for (const added of [server('dead', 'dead'), a, server('connecting', 'connecting')]) {
      one.add(added);
      usable.push(one.isUsable);
    }
    one.remove(a);
    expect([...usable, one.isUsable]).toEqual([false, false, true, true, false]);
  });

  test('are sorted anew when a health has changed', () => {
    const a = server('a', 'dead');
    const { pool: one } = pool(a);
    expect(one.isUsable).toBe(false);
    a.health = healths.alive;
    one.healthChanged();
    expect(one.isUsable).toBe(true);
    expect(one.pick(call(), 0)).toBe(a);
    a.health = healths.draining;
    one.healthChanged();
    expect(one.pick(call(), 0)).toBeUndefined();
  });

  test('may leave and come while a list of them is read', () => {
    const [a, b, c] = [server('a'), server('b'), server('c')];
    const { pool: one } = pool(a, b);
    const read: Member[] = [];
    for (const member of one.members) {
      read.push(member);
      one.remove(member);
      one.add(c);
    }
    expect(read).toEqual([a, b]);
    expect(one.members).toEqual([c]);
  });

  test('are counted as they come, go and change', () => {
    const [a, b, c] = [server('a'), server('b', 'dead'), server('c')];
    const { pool: one } = pool(a, b);
    expect(one.usableCount).toBe(1);
    one.add(c);
    expect(one.usableCount).toBe(2);
    b.health = healths.silent;
    one.healthChanged();
    expect(one.usableCount).toBe(3);
    one.remove(a);
    expect(one.usableCount).toBe(2);
    expect(one.usable).toEqual([c, b]);
  });
});

describe('a pool is usable', () => {
  test.each([
    ['alive', true],
    ['silent', true],
    ['unready', false],
    ['draining', false],
    ['connecting', false],
    ['dead', false],
  ] as const)('with a server that is %s: %s', (state, isUsable) => {
    expect(pool(server('a', state)).pool.isUsable).toBe(isUsable);
  });

  test('not without any server', () => {
    expect(pool().pool.isUsable).toBe(false);
  });
});

describe('the pick', () => {
  test('offers the balancer all that live, and none that do not', () => {
    const { pool: mixed, balancer } = pool(
      server('dead', 'dead'),
      server('a'),
      server('silent', 'silent'),
      server('draining', 'draining'),
      server('b'),
      server('connecting', 'connecting'),
      server('unready', 'unready'),
    );
    expect(mixed.pick(call(), 0)?.endpoint).toBe('a');
    expect(balancer.offers).toEqual([['a', 'b']]);
  });

  test('tells the balancer the time, and its chance', () => {
    const { pool: one, balancer } = pool(server('a'));
    one.pick(call(), 1234);
    expect(balancer.context).toEqual({ now: 1234, random });
  });

  test('goes to a suspect server only where no living one can take the call', () => {
    const [alive, suspect] = [server('alive'), server('silent', 'silent')];
    const { pool: both, balancer } = pool(suspect, alive);
    expect(both.pick(call(), 0)).toBe(alive);
    expect(both.pick(call({ refused: [alive] }), 0)).toBe(suspect);
    full(alive);
    expect(both.pick(call(), 0)).toBe(suspect);
    expect(balancer.offers).toEqual([['alive'], ['silent'], ['silent']]);
  });

  test('goes to a server that had the call already only where no other can take it', () => {
    const [a, b, c] = [server('a'), server('b', 'silent'), server('c', 'silent')];
    const { pool: three } = pool(a, b, c);
    expect(three.pick(call({ tried: [] }), 0)).toBe(a);
    expect(three.pick(call({ tried: [a] }), 0)).toBe(b);
    expect(three.pick(call({ tried: [a, b] }), 0)).toBe(c);
    expect(three.pick(call({ tried: [a, b, c] }), 0)).toBe(a);
    expect(three.pick(call({ tried: [a, b, c], refused: [a] }), 0)).toBe(b);
    expect(three.pick(call({ tried: [b, c], refused: [a, b, c] }), 0)).toBeUndefined();
  });

  test('never goes to a server that is full, not even as the last resort', () => {
    const [a, b] = [full(server('a')), full(server('b', 'silent'))];
    const { pool: both, balancer } = pool(a, b);
    expect(both.pick(call(), 0)).toBeUndefined();
    expect(both.pick(call({ tried: [a, b] }), 0)).toBeUndefined();
    expect(balancer.offers).toEqual([]);
    b.pending = 0;
    expect(both.pick(call(), 0)).toBe(b);
  });

  test('offers a first call no server that is full', () => {
    const { pool: both, balancer } = pool(full(server('a')), server('b'));
    expect(both.pick(undefined, 0)?.endpoint).toBe('b');
    expect(balancer.offers).toEqual([['b']]);
  });

  test('never goes to a server that refused, not even as the last resort', () => {
    const a = server('a');
    expect(pool(a).pool.pick(call({ refused: [a], tried: [a] }), 0)).toBeUndefined();
  });
});

describe('a call whose servers are silent', () => {
  const inZone = (endpoint: string, zone?: string) =>
    Object.assign(server(endpoint), { says: { zone, weight: undefined } });

  // 48 of 2,900 calls failed when the zone of a client was lost: calls of the first server that fell silent went to the next one.
  test('goes to another zone, as its own may be lost as a whole', () => {
    const [a1, a2, b1] = [inZone('a1', 'a'), inZone('a2', 'a'), inZone('b1', 'b')];
    const { pool: three, balancer } = pool(a1, a2, b1);
    expect(three.pickSound(call({ tried: [a1] }), 0)).toBe(b1);
    expect(balancer.offers).toEqual([['b1']]);
  });

  test('goes to another zone than all that had it, also to one that is not known', () => {
    const [a1, b1, b2, none] = [
      inZone('a1', 'a'),
      inZone('b1', 'b'),
      inZone('b2', 'b'),
      inZone('none'),
    ];
    const { pool: four } = pool(a1, b1, b2, none);
    expect(four.pickSound(call({ tried: [a1, b1] }), 0)).toBe(none);
  });

  test('goes to another server of its zone where no other zone can take it', () => {
    const [a1, a2, b1] = [inZone('a1', 'a'), inZone('a2', 'a'), full(inZone('b1', 'b'))];
    const { pool: three } = pool(a1, a2, b1);
    expect(three.pickSound(call({ tried: [a1] }), 0)).toBe(a2);
  });

  test('goes to any other server where zones are not known, and to none of the reserve', () => {
    const [a, b, c] = [server('a'), server('b', 'silent'), server('c')];
    const { pool: three } = pool(a, b, c);
    expect(three.pickSound(call({ tried: [a] }), 0)).toBe(c);
    expect(three.pickSound(call({ tried: [a, c] }), 0)).toBeUndefined();
  });

  test('with a routing key goes where the key says', () => {
    const [a1, a2, b1] = [inZone('a1', 'a'), inZone('a2', 'a'), inZone('b1', 'b')];
    const { pool: three } = pool(a1, a2, b1);
    expect(three.pickSound(call({ tried: [a1] }), 0, new FirstOf())).toBe(a2);
  });
});

describe('a call whose servers were lost', () => {
  const inZone = (endpoint: string, zone: string) =>
    Object.assign(server(endpoint), { says: { zone, weight: undefined } });
  const [a1, a2, a3, b1] = [
    inZone('a1', 'a'),
    inZone('a2', 'a'),
    inZone('a3', 'a'),
    inZone('b1', 'b'),
  ];

  test('stays in the zone for the first time: a server may be lost alone', () => {
    const { pool: four } = pool(a1, a2, a3, b1);
    expect(four.pick(call({ tried: [a1], losses: 1 }), 0)).toBe(a2);
  });

  // A zone that was killed took all three attempts of a call within 16 ms, before the client heard of its other servers.
  test('leaves it for the second time: the zone may be lost as a whole', () => {
    const { pool: four } = pool(a1, a2, a3, b1);
    expect(four.pick(call({ tried: [a1, a2], losses: 2 }), 0)).toBe(b1);
  });

  test('stays where no other zone can take it, and with a routing key', () => {
    const { pool: three } = pool(a1, a2, a3);
    expect(three.pick(call({ tried: [a1, a2], losses: 2 }), 0)).toBe(a3);
    const { pool: four } = pool(a1, a2, a3, b1);
    expect(four.pick(call({ tried: [a1, a2], losses: 2 }), 0, new FirstOf())).toBe(a3);
  });
});

test('a call that a connection would not take goes elsewhere, and counts as refused by nobody', () => {
  const [a, b] = [server('a'), server('b', 'silent')];
  const { pool: both } = pool(a, b);
  expect(both.pick(call({ undelivered: [a] }), 0)).toBe(b);
  expect(both.pick(call({ undelivered: [a, b] }), 0)).toBeUndefined();
  expect(both.isRefusedByAll(call({ undelivered: [a, b] }))).toBe(false);
});

test('the usable servers are those that could take a call, suspect ones last', () => {
  const [a, b, c] = [server('a', 'silent'), server('b'), full(server('c'))];
  const { pool: mixed } = pool(a, server('dead', 'dead'), b, server('unready', 'unready'), c);
  expect(mixed.usable).toEqual([b, c, a]);
  expect(pool().pool.usable).toEqual([]);
});

describe('a call is refused by all', () => {
  const [a, b] = [server('a'), server('b', 'silent')];
  const { pool: both } = pool(a, b, server('dead', 'dead'), server('draining', 'draining'));

  test('if each usable server refused it', () => {
    expect(both.isRefusedByAll(call({ refused: [a, b] }))).toBe(true);
  });

  test.each([
    ['one did not', [a]],
    ['the other did not', [b]],
    ['none did', []],
  ])('not if %s', (_, refused) => {
    expect(both.isRefusedByAll(call({ refused }))).toBe(false);
  });

  test('if one refused it and the other may still run it', () => {
    expect(both.isRefusedByAll(call({ refused: [a], running: [b] }))).toBe(true);
    expect(both.isRefusedByAll(call({ running: [a, b] }))).toBe(false);
  });

  test('not if it has been nowhere', () => {
    expect(both.isRefusedByAll(undefined)).toBe(false);
  });

  test('not if a server is merely full, or had the call', () => {
    expect(pool(full(server('c'))).pool.isRefusedByAll(call())).toBe(false);
    expect(both.isRefusedByAll(call({ refused: [a], tried: [b] }))).toBe(false);
  });

  test('not if there is no usable server that could refuse', () => {
    expect(pool(server('c', 'dead')).pool.isRefusedByAll(call())).toBe(false);
    expect(pool().pool.isRefusedByAll(call())).toBe(false);
  });
});

describe('a balancer of the user that returns nonsense is named as what is wrong', () => {
  const dead = server('dead', 'dead');
  const fail = () => {
    throw new Error('then');
  };
  // oxlint-disable-next-line unicorn/no-thenable -- a promise of another library, and a broken one
  const unreadable = Object.defineProperty({}, 'then', { get: fail });
  // oxlint-disable-next-line unicorn/no-thenable -- another one
  const throwing = { then: fail };

  test.each<[string, unknown, string]>([
    ['nothing', undefined, 'undefined'],
    ['null', null, 'something else'],
    ['an index', 0, 'something else'],
    ['a promise of a server', Promise.resolve(server('a')), 'a promise: it has to choose at once'],
    ['something whose then cannot be read', unreadable, 'something else'],
    ['something whose then throws', throwing, 'something else'],
    ['a server that it was not given', dead, 'something else'],
    ['a likeness of one that it was given', server('a'), 'something else'],
  ])('%s', (_, nonsense, returned) => {
    const broken = new Pool<Member>({ pick: () => nonsense as never }, random);
    for (const member of [server('a'), server('b'), dead]) broken.add(member);
    const pick = () => broken.pick(call(), 0);
    expect(pick).toThrow(FreelanceError);
    expect(pick).toThrow(expect.objectContaining({ code: 'BALANCER' }));
    expect(pick).toThrow(
      `balancer.pick must return one of the 2 servers it was given, but returned ${returned}`,
    );
  });
});

describe('at most half of the servers rest for their failures, and one of any number', () => {
  test.each([
    [1, 0, true],
    [1, 1, false],
    [2, 1, false],
    [3, 0, true],
    [3, 1, false],
    [4, 1, true],
    [4, 2, false],
    [9, 3, true],
    [9, 4, false],
  ])('of %d, with %d that rest: one more may rest, %s', (size, resting, may) => {
    const members = Array.from({ length: size }, (_, n) =>
      server(`${n}`, n < resting ? 'failing' : 'alive'),
    );
    expect(pool(...members).pool.mayEject()).toBe(may);
  });

  test('one on trial counts, a dead one does not', () => {
    expect(pool(server('a', 'trialDue'), server('b')).pool.mayEject()).toBe(false);
    expect(pool(server('a', 'dead'), server('b')).pool.mayEject()).toBe(true);
  });
});

describe('too few healthy servers are a panic', () => {
  test('in which failing ones are used like the others, which is counted', () => {
    const { pool: few, balancer } = pool(
      server('a'),
      server('failing', 'failing'),
      server('dead', 'dead'),
      server('silent', 'silent'),
    );
    few.pick(undefined, 0);
    expect(balancer.offers).toEqual([['a', 'failing']]);
    expect(few.panics).toBe(1);
    few.pick(call(), 0);
    expect(few.panics).toBe(2);
  });

  test('and a balancer that has the healths change meanwhile harms nobody', () => {
    const changing: Balancer = {
      pick: (servers) => {
        few.healthChanged();
        return servers[0];
      },
    };
    const few = new Pool<Member>(changing, random);
    few.add(server('a'));
    expect(few.pick(undefined, 0)?.endpoint).toBe('a');
    expect(few.panics).toBe(0);
  });

  test('half of them are enough', () => {
    const { pool: half, balancer } = pool(server('a'), server('failing', 'failing'));
    half.pick(undefined, 0);
    expect(balancer.offers).toEqual([['a']]);
    expect(half.panics).toBe(0);
  });

  test.each(['connecting', 'draining', 'left'] as const)(
    'those that are %s are not missed',
    (state) => {
      const { pool: few, balancer } = pool(
        server('a'),
        server('failing', 'failing'),
        server('b', state),
        server('c', state),
      );
      few.pick(undefined, 0);
      expect(balancer.offers).toEqual([['a']]);
      expect(few.panics).toBe(0);
    },
  );

  test('a priority that all have left does not keep the others from one', () => {
    const { pool: few } = pool(server('failing', 'failing'), server('dead', 'dead'));
    const left = server('left', 'left');
    left.target = { endpoint: 'left', priority: 1 };
    few.add(left);
    few.pick(undefined, 0);
    expect(few.panics).toBe(1);
  });

  test('it is none if no server is failing', () => {
    const { pool: few } = pool(server('a'), server('b', 'dead'), server('c', 'silent'));
    few.pick(undefined, 0);
    expect(few.panics).toBe(0);
  });
});

describe('a server that has recovered starts slowly', () => {
  /** Of 1000 picks, how often each server is offered, and how often it is alone. */
  const offersOf = (endpoint: string, now: number) => {
    const [a, b] = [server('a'), server('b')];
    const balancer = new FirstOf();
    const both = new Pool<Member>(balancer, seededRandom(7));
    for (const member of [a, b]) both.add(member);
    both.recovered(a, 0);
    for (let n = 0; n < 1000; n++) both.pick(undefined, now);
    return balancer.offers.filter((offer) => offer.includes(endpoint)).length;
  };

  test.each([
    [0, 100],
    [1000, 100],
    [5000, 500],
    [9000, 900],
    [10_000, 1000],
  ])('%d ms later it is offered for about %d of 1000 calls', (now, times) => {
    expect(Math.abs(offersOf('a', now) - times)).toBeLessThan(60);
    expect(offersOf('b', now)).toBe(1000);
  });

  test('but is used where there is no other', () => {
    const a = server('a');
    const one = new Pool<Member>(new FirstOf(), () => 0.99);
    one.add(a);
    one.recovered(a, 0);
    expect(one.pick(undefined, 0)).toBe(a);
  });

  test('and a call that has a balancer of its own, such as a routing key, is not kept from it', () => {
    const [a, b] = [server('a'), server('b')];
    const both = new Pool<Member>(new FirstOf(), () => 0.99);
    for (const member of [a, b]) both.add(member);
    both.recovered(a, 0);
    expect(both.pick(undefined, 0)).toBe(b);
    expect(both.pick(undefined, 0, new FirstOf())).toBe(a);
  });
});

test('chance is asked only of the servers that start slowly', () => {
  const [a, b] = [server('a'), server('b')];
  let draws = 0;
  const both = new Pool<Member>(new FirstOf(), () => (draws++, 0.9));
  for (const member of [a, b]) both.add(member);
  both.pick(undefined, 0);
  expect(draws).toBe(0);
  both.recovered(a, 0);
  expect(both.pick(undefined, 5000)).toBe(b);
  expect(draws).toBe(1);
  both.pick(undefined, 10_000);
  expect(draws).toBe(1);
});

describe('a call has an elsewhere', () => {
  const [a, b] = [server('a'), server('b', 'silent')];
  const { pool: both } = pool(a, b, server('dead', 'dead'));

  test.each<[string, Experience | undefined, boolean]>([
    ['that has been nowhere', undefined, true],
    ['that was refused everywhere', { refused: [a, b] }, true],
    ['that may still run at one of two', { running: [a] }, true],
    ['that may still run at both', { running: [a, b] }, false],
  ])('one %s: %#', (_, experience, has) => {
    expect(both.hasElsewhere(experience && call(experience))).toBe(has);
  });

  test('none without a usable server', () => {
    expect(pool(server('c', 'dead')).pool.hasElsewhere(undefined)).toBe(false);
  });
});

describe('a client is unauthorized', () => {
  const refusing = (endpoint: string) =>
    new Member(endpoint, {
      ...healths.dead,
      connectivity: { ...healths.dead.connectivity, refuses: true, isProbing: false },
    });

  test('if every server refuses it, and there are some', () => {
    expect(pool(refusing('a'), refusing('b')).pool.isUnauthorized).toBe(true);
    expect(pool(refusing('a'), server('b', 'dead')).pool.isUnauthorized).toBe(false);
    expect(pool(server('a', 'connecting'), refusing('b')).pool.isUnauthorized).toBe(false);
    expect(pool().pool.isUnauthorized).toBe(false);
  });
});

describe('an outlier', () => {
  const failing = (endpoint: string) => withOutcomes(server(endpoint), 'failed');
  const well = (endpoint: string) => withOutcomes(server(endpoint), 'succeeded');
  const withOutcomes = (member: Member, outcome: 'failed' | 'succeeded', calls = 30) => {
    for (let n = 0; n < calls; n++) member.outcomes[outcome](0);
    return member;
  };

  test('is one that fails far more than all its peers together', () => {
    const [bad, good] = [failing('a'), well('b')];
    const { pool: three } = pool(bad, good, well('c'));
    expect(three.isOutlier(bad, 0, false)).toBe(true);
    expect(three.isOutlier(good, 0, false)).toBe(false);
  });

  test('is measured by peers that are alive, and by no others', () => {
    const bad = failing('a');
    const suspect = withOutcomes(server('b', 'silent'), 'failed', 1000);
    expect(pool(bad, suspect, well('c')).pool.isOutlier(bad, 0, false)).toBe(true);
    const resting = withOutcomes(server('b', 'silent'), 'succeeded', 1000);
    expect(pool(bad, resting, failing('c')).pool.isOutlier(bad, 0, false)).toBe(false);
  });

  test('is never the last server in use', () => {
    const bad = failing('a');
    expect(pool(bad).pool.isOutlier(bad, 0, true)).toBe(false);
    const [worse, other] = [failing('a'), withOutcomes(server('b', 'silent'), 'succeeded')];
    expect(pool(worse, other).pool.isOutlier(worse, 0, true)).toBe(false);
  });

  test('does not rest where as many rest as may, unless it has just failed its trial', () => {
    const [bad, trial] = [failing('a'), withOutcomes(server('b', 'trialDue'), 'failed', 1)];
    const { pool: three } = pool(bad, trial, well('c'));
    expect(three.isOutlier(bad, 0, false)).toBe(false);
    expect(three.isOutlier(trial, 0, false)).toBe(false);
    expect(three.isOutlier(bad, 0, true)).toBe(true);
  });
});

test('a weight that changes comes with a new list of servers, as balancers may remember the sum', () => {
  const lists: (readonly ServerView[])[] = [];
  const watching = new Pool<Member>({ pick: (views) => (lists.push(views), views[0]) }, random);
  const [a, b] = [server('a'), server('b')];
  for (const member of [a, b]) watching.add(member);
  watching.pick(undefined, 0);
  watching.pick(undefined, 0);
  b.target = { endpoint: 'b', weight: 3 };
  watching.healthChanged();
  watching.pick(undefined, 0);
  expect(lists[1]).toBe(lists[0]);
  expect(lists[2]).not.toBe(lists[0]);
  expect(lists[2]?.map(({ weight }) => weight)).toEqual([1, 3]);
});
