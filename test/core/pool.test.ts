import { describe, expect, test } from 'vitest';
import type { Balancer, PickContext, ServerView } from '../../lib/core/balancer.js';
import { FreelanceError } from '../../lib/core/freelance-error.js';
import type { Health } from '../../lib/core/health.js';
import { Member } from '../../lib/core/member.js';
import { type CallExperience, Pool } from '../../lib/core/pool.js';
import { seededRandom } from '../support/random.js';

const standing = { failures: 0, probes: 0, ejections: 0, restsUntil: 0, isOutlier: false };
const healths = {
  alive: { state: 'alive', ...standing },
  suspect: { state: 'suspect', because: 'silent', trialAt: Infinity, ...standing },
  failing: { state: 'suspect', because: 'failing', trialAt: 9, ...standing },
  onTrial: { state: 'suspect', because: 'failing', trialAt: Infinity, trial: 'due', ...standing },
  unready: { state: 'suspect', because: 'unready', trialAt: Infinity, ...standing },
  draining: { state: 'draining', ...standing },
  connecting: { state: 'connecting', probeAt: 0, ...standing },
  dead: { state: 'dead', because: 'lost', since: 0, probeAt: 0, isProbing: true, ...standing },
} as const satisfies Record<string, Health>;

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
}

const call = ({ refused = [], undelivered = [], tried = [], running = [] }: Experience = {}) =>
  ({
    cannotGoTo: (member) => [...refused, ...undelivered, ...running].includes(member),
    wasRefusedBy: (member) => refused.includes(member),
    wasTriedAt: (member) => tried.includes(member),
    mayStillRunAt: (member) => running.includes(member),
  }) satisfies CallExperience<Member>;

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

  test('cannot be lost by changing the list that was given out', () => {
    const { pool: one } = pool(server('a'));
    one.members.pop();
    expect(one.members).toHaveLength(1);
  });
});

describe('a pool is usable', () => {
  test.each([
    ['alive', true],
    ['suspect', true],
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
      server('suspect', 'suspect'),
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
    const [alive, suspect] = [server('alive'), server('suspect', 'suspect')];
    const { pool: both, balancer } = pool(suspect, alive);
    expect(both.pick(call(), 0)).toBe(alive);
    expect(both.pick(call({ refused: [alive] }), 0)).toBe(suspect);
    full(alive);
    expect(both.pick(call(), 0)).toBe(suspect);
    expect(balancer.offers).toEqual([['alive'], ['suspect'], ['suspect']]);
  });

  test('goes to a server that had the call already only where no other can take it', () => {
    const [a, b, c] = [server('a'), server('b', 'suspect'), server('c', 'suspect')];
    const { pool: three } = pool(a, b, c);
    expect(three.pick(call({ tried: [] }), 0)).toBe(a);
    expect(three.pick(call({ tried: [a] }), 0)).toBe(b);
    expect(three.pick(call({ tried: [a, b] }), 0)).toBe(c);
    expect(three.pick(call({ tried: [a, b, c] }), 0)).toBe(a);
    expect(three.pick(call({ tried: [a, b, c], refused: [a] }), 0)).toBe(b);
    expect(three.pick(call({ tried: [b, c], refused: [a, b, c] }), 0)).toBeUndefined();
  });

  test('never goes to a server that is full, not even as the last resort', () => {
    const [a, b] = [full(server('a')), full(server('b', 'suspect'))];
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

test('a call that a connection would not take goes elsewhere, and counts as refused by nobody', () => {
  const [a, b] = [server('a'), server('b', 'suspect')];
  const { pool: both } = pool(a, b);
  expect(both.pick(call({ undelivered: [a] }), 0)).toBe(b);
  expect(both.pick(call({ undelivered: [a, b] }), 0)).toBeUndefined();
  expect(both.isRefusedByAll(call({ undelivered: [a, b] }))).toBe(false);
});

test('the usable servers are those that could take a call, suspect ones last', () => {
  const [a, b, c] = [server('a', 'suspect'), server('b'), full(server('c'))];
  const { pool: mixed } = pool(a, server('dead', 'dead'), b, server('unready', 'unready'), c);
  expect(mixed.usable).toEqual([b, c, a]);
  expect(pool().pool.usable).toEqual([]);
});

describe('a call is refused by all', () => {
  const [a, b] = [server('a'), server('b', 'suspect')];
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

  test.each<[string, unknown, string]>([
    ['nothing', undefined, 'undefined'],
    ['null', null, 'something else'],
    ['an index', 0, 'something else'],
    ['a promise of a server', Promise.resolve(server('a')), 'a promise: it has to choose at once'],
    ['a server that it was not given', dead, 'something else'],
    ['a likeness of one that it was given', server('a'), 'something else'],
  ])('%s', (_, nonsense, returned) => {
    const broken = new Pool<Member>({ pick: () => nonsense as never }, random);
    for (const member of [server('a'), server('b'), dead]) broken.add(member);
    const pick = () => broken.pick(call(), 0);
    expect(pick).toThrow(FreelanceError);
    expect(pick).toThrow(expect.objectContaining({ code: 'BAD_OPTIONS' }));
    expect(pick).toThrow(
      `balancer.pick must return one of the 2 servers it was given, but returned ${returned}`,
    );
  });

  test('a server that it has just removed', () => {
    const removing: Pool<Member> = new Pool<Member>(
      {
        pick: (servers) => {
          const [first] = servers;
          removing.remove(removing.get(first.endpoint) ?? dead);
          return first;
        },
      },
      random,
    );
    for (const member of [server('a'), server('b')]) removing.add(member);
    expect(() => removing.pick(call(), 0)).toThrow('must not remove the server that it returns');
  });

  test('and an error of its own reaches the caller', () => {
    const error = new Error('no idea');
    const broken = new Pool<Member>(
      {
        pick: () => {
          throw error;
        },
      },
      random,
    );
    broken.add(server('a'));
    expect(() => broken.pick(call(), 0)).toThrow(error);
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
    expect(pool(server('a', 'onTrial'), server('b')).pool.mayEject()).toBe(false);
    expect(pool(server('a', 'dead'), server('b')).pool.mayEject()).toBe(true);
  });
});

describe('too few healthy servers are a panic', () => {
  test('in which failing ones are used like the others, which is counted', () => {
    const { pool: few, balancer } = pool(
      server('a'),
      server('failing', 'failing'),
      server('dead', 'dead'),
      server('silent', 'suspect'),
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

  test('it is none if no server is failing', () => {
    const { pool: few } = pool(server('a'), server('b', 'dead'), server('c', 'suspect'));
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
  const [a, b] = [server('a'), server('b', 'suspect')];
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
    new Member(endpoint, { ...healths.dead, refuses: true, isProbing: false });

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
    const suspect = withOutcomes(server('b', 'suspect'), 'failed', 1000);
    expect(pool(bad, suspect, well('c')).pool.isOutlier(bad, 0, false)).toBe(true);
    const resting = withOutcomes(server('b', 'suspect'), 'succeeded', 1000);
    expect(pool(bad, resting, failing('c')).pool.isOutlier(bad, 0, false)).toBe(false);
  });

  test('is never the last server in use', () => {
    const bad = failing('a');
    expect(pool(bad).pool.isOutlier(bad, 0, true)).toBe(false);
    const [worse, other] = [failing('a'), withOutcomes(server('b', 'suspect'), 'succeeded')];
    expect(pool(worse, other).pool.isOutlier(worse, 0, true)).toBe(false);
  });

  test('does not rest where as many rest as may, unless it has just failed its trial', () => {
    const [bad, trial] = [failing('a'), withOutcomes(server('b', 'onTrial'), 'failed', 1)];
    const { pool: three } = pool(bad, trial, well('c'));
    expect(three.isOutlier(bad, 0, false)).toBe(false);
    expect(three.isOutlier(trial, 0, false)).toBe(false);
    expect(three.isOutlier(bad, 0, true)).toBe(true);
  });
});
