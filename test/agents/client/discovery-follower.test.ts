import { describe, expect, test } from 'vitest';
import { DiscoveryFollower } from '../../../lib/agents/client/discovery-follower.js';
import type { EndpointDiscovery } from '../../../lib/core/endpoint-discovery.js';
import { readTarget } from '../../../lib/nest/options/server-targets.js';
import { guardListeners } from '../../../lib/nest/guarded-signal.js';
import { FakeDiscovery, settled } from '../../support/fake-discovery.js';
import { ManualClock } from '../../support/manual-clock.js';

const A = 'tcp://10.0.0.1:5555';
const B = 'tcp://10.0.0.2:5555';

/** A follower of that discovery, and what it tells. The pauses are the longest there may be. */
function following(discovery: EndpointDiscovery) {
  const clock = new ManualClock();
  const heard: string[] = [];
  const follower = new DiscoveryFollower(
    discovery,
    {
      environment: { clock, random: () => 1 },
      read: (given) => {
        const read = readTarget(given);
        return 'wrong' in read ? read : read.target;
      },
      guardListeners,
    },
    {
      changed: (targets) => heard.push(targets.map(({ endpoint }) => endpoint).join(' ')),
      failed: (_error, text) => heard.push(`failed: ${text}`),
      faulty: (fault) => heard.push(`faulty: ${fault}`),
      recovered: () => heard.push('recovered'),
    },
  );
  const pass = async (ms: number) => {
    clock.advance(ms);
    await settled();
  };
  return { clock, heard, follower, pass };
}

/** One that has begun. */
async function started() {
  const discovery = new FakeDiscovery();
  const all = following(discovery);
  all.follower.start();
  await settled();
  /** It names that, and it has been heard. */
  const names = async (...sets: unknown[]) => {
    for (const set of sets) {
      discovery.names(set);
      await settled();
      await all.pass(100);
    }
  };
  return { discovery, names, ...all };
}

test('each set takes the place of the one before; one that says the same is no news', async () => {
  const { heard, names } = await started();
  await names([A], [A, B], [B, A], [B]);
  expect(heard).toEqual([A, `${A} ${B}`, B]);
});

test('another zone, weight, priority or name is news', async () => {
  const { heard, names } = await started();
  await names([A], [{ endpoint: A, zone: 'a' }], [{ endpoint: A, zone: 'a' }]);
  expect(heard).toEqual([A, A]);
});

test('a discovery that floods is asked for a set each 100 ms, and no sooner', async () => {
  const { discovery, pass } = await started();
  for (let set = 0; set < 50; set++) discovery.names([A]);
  await settled();
  expect(discovery.pulls).toBe(1);
  for (let ms = 0; ms < 1000; ms += 10) await pass(10);
  expect(discovery.pulls).toBe(11);
});

describe('the last good set stays', () => {
  test('when it names none, which is told once per spell', async () => {
    const { heard, names, follower } = await started();
    await names([A], [], [], [A], []);
    expect(heard).toEqual([
      A,
      'failed: it has named no server',
      'recovered',
      'failed: it has named no server',
    ]);
    expect(follower.stats()).toMatchObject({ servers: 1, isFailing: true });
  });

  test.each([
    ['nothing', undefined],
    ['a text', A],
    ['a Set', new Set([A])],
  ])('when it names %s', async (_what, given) => {
    const { heard, names } = await started();
    await names([B], given);
    expect(heard[0]).toBe(B);
    expect(heard).toContain('failed: it has named something that is no list');
    expect(heard).not.toContain(A);
  });

  test('when it throws; it is watched anew, after ever longer pauses, with another signal', async () => {
    const { discovery, heard, names, pass, follower } = await started();
    follower.usableChanged(true);
    await names([A]);
    for (const pause of [2000, 4000, 8000, 16_000, 30_000, 30_000]) {
      const { signal } = discovery.current;
      discovery.throws(new Error('gone', { cause: new Error('ECONNREFUSED') }));
      await settled();
      expect(signal.aborted).toBe(true);
      const { length } = discovery.watches;
      await pass(pause - 1);
      expect(discovery.watches).toHaveLength(length);
      await pass(1);
      expect(discovery.watches).toHaveLength(length + 1);
    }
    expect(heard).toEqual([A, 'failed: gone (ECONNREFUSED)']);
    await names([B]);
    expect(heard.slice(2)).toEqual([B, 'recovered']);
    discovery.throws(new Error('gone'));
    await settled();
    const { length } = discovery.watches;
    await pass(2000);
    expect(discovery.watches).toHaveLength(length + 1);
  });

  test('when it ends; nobody watches it any more', async () => {
    const { discovery, heard, names, pass, follower } = await started();
    await names([A]);
    discovery.ends();
    await settled();
    await pass(100_000);
    expect(heard).toEqual([A, 'failed: it has ended, and names no servers any more']);
    expect(discovery.watches).toHaveLength(1);
    expect(follower.stats().servers).toBe(1);
  });

  test('when it says that a look-up has failed', async () => {
    const { discovery, heard, names } = await started();
    await names([A]);
    discovery.current.failed(new Error('SERVFAIL'));
    discovery.current.failed(new Error('SERVFAIL'));
    expect(heard).toEqual([A, 'failed: SERVFAIL']);
  });
});

describe('of a set with faults the rest is used', () => {
  test('an entry that cannot be read is left out, which is told once while it lasts', async () => {
    const { heard, names } = await started();
    const wrong = { endpoint: B, weight: -1 };
    await names([A, wrong], [wrong, A], [A], [A, wrong]);
    const fault = expect.stringContaining('faulty: its weight must be') as string;
    expect(heard).toEqual([fault, A, fault]);
  });

  test('a server behind two names is one server, as it was named first', async () => {
    const { heard, names, follower } = await started();
    const one = { endpoint: A, name: 'orders.test' };
    await names([one, one, { endpoint: A, name: 'sales.test' }, { endpoint: A, zone: 'b' }]);
    expect(heard).toEqual([
      `faulty: ${A} is named behind two names, orders.test and sales.test: it is one server, as it was named first`,
      `faulty: ${A} is named twice, differently: it is one server, as it was named first`,
      A,
    ]);
    expect(follower.stats().servers).toBe(1);
  });

  test('what it warns of is told, and is no failure', async () => {
    const { discovery, heard, names, follower } = await started();
    await names([A]);
    discovery.current.warn(new Error('a record without a port'));
    expect(heard).toEqual([A, 'faulty: a record without a port']);
    expect(follower.stats()).toMatchObject({
      lastError: 'a record without a port',
      isFailing: false,
    });
  });

  test('of very many faults the first ten are told one by one', async () => {
    const { heard, names } = await started();
    await names(Array.from({ length: 50 }, (_, index) => ({ endpoint: A, weight: -1 - index })));
    expect(heard).toHaveLength(12);
    expect(heard[10]).toBe('faulty: and 40 more such faults');
  });

  test('an entry that throws when it is read is left out, as is a list that does', async () => {
    const { heard, names } = await started();
    const careless = { get: () => fail('careless') };
    await names([Object.defineProperty({}, 'endpoint', { ...careless, enumerable: true }), A]);
    await names(Object.defineProperty([B], '0', careless));
    expect(heard).toEqual([
      'faulty: an entry cannot be read: careless',
      A,
      'faulty: it has named a list that cannot be read: careless',
      'failed: it has named a list that cannot be read: careless',
    ]);
  });

  test('of more servers than any client has the first 10 000 are used', async () => {
    const { heard, names, follower } = await started();
    await names(Array.from({ length: 10_001 }, (_, index) => `tcp://host-${index}:5555`));
    expect(follower.stats().servers).toBe(10_000);
    expect(heard[0]).toBe('faulty: it has named 10001 servers, of which the first 10000 are used');
  });
});

describe('an answer of now is asked for', () => {
  async function hinted() {
    const all = await started();
    const at: number[] = [];
    all.discovery.current.onRefresh(() => at.push(all.clock.now()));
    await all.names([A]);
    all.follower.usableChanged(true);
    return { ...all, at, from: all.clock.now() };
  }

  test('at once when a server is lost, and at most once a second', async () => {
    const { follower, pass, at, from } = await hinted();
    for (let loss = 0; loss < 30; loss++) {
      follower.serverLost();
      await pass(100);
    }
    expect(at.map((one) => one - from)).toEqual([0, 1000, 2000, 3000]);
  });

  test('again and again, ever more rarely, while no server can be called', async () => {
    const { follower, pass, at, from } = await hinted();
    follower.usableChanged(false);
    for (let ms = 0; ms < 100_000; ms += 500) await pass(500);
    expect(at.map((one) => one - from)).toEqual([2000, 6000, 14_000, 30_000, 60_000, 90_000]);
    follower.usableChanged(true);
    await pass(100_000);
    expect(at).toHaveLength(6);
  });

  test('by a new run, if the last one has failed', async () => {
    const { discovery, follower, pass } = await hinted();
    discovery.throws(new Error('gone'));
    await settled();
    follower.serverLost();
    expect(discovery.watches).toHaveLength(2);
    await pass(10_000);
    expect(discovery.watches).toHaveLength(2);
  });

  test('a listener that takes its place anew is called once', async () => {
    const { discovery, follower, pass } = await hinted();
    let calls = 0;
    let remove = () => {};
    const again = () => {
      if (++calls > 10) throw new Error('for ever');
      remove();
      remove = discovery.current.onRefresh(again);
    };
    again();
    follower.serverLost();
    expect(calls).toBe(2);
    await pass(1000);
    follower.serverLost();
    expect(calls).toBe(3);
  });

  test('a listener that rejects is a warning, and ends no process', async () => {
    const { discovery, follower, heard } = await hinted();
    discovery.current.onRefresh(() => Promise.reject(new Error('careless')) as unknown as void);
    follower.serverLost();
    await settled();
    expect(heard).toContain('faulty: careless');
  });

  test('a listener that is removed hears nothing; one that throws is a warning', async () => {
    const { discovery, follower, heard, pass, at } = await hinted();
    const remove = discovery.current.onRefresh(() => {
      throw new Error('careless');
    });
    follower.serverLost();
    expect(heard).toContain('faulty: careless');
    expect(at).toHaveLength(1);
    remove();
    heard.length = 0;
    await pass(1000);
    follower.serverLost();
    expect(heard).toEqual([]);
    expect(at).toHaveLength(2);
  });
});

describe('after its end', () => {
  test('nothing is heard, no timer runs, and the discovery knows', async () => {
    const { discovery, clock, heard, names, follower } = await started();
    await names([A]);
    const { signal, warn, failed, onRefresh } = discovery.current;
    follower.stop();
    expect(signal.aborted).toBe(true);
    expect(clock.timers).toBe(0);
    discovery.names([B]);
    warn(new Error('late'));
    failed(new Error('late'));
    onRefresh(() => heard.push('refresh'));
    follower.serverLost();
    follower.usableChanged(false);
    await settled();
    expect(heard).toEqual([A]);
    expect(clock.timers).toBe(0);
  });

  test('it is asked for no set, not even if `watch` itself has brought it about', async () => {
    const discovery = new FakeDiscovery();
    const { follower } = following({
      name: 'hasty',
      watch: (watch) => {
        follower.stop();
        return discovery.watch(watch);
      },
    });
    follower.start();
    await settled();
    expect(discovery.watches).toHaveLength(1);
    expect(discovery.pulls).toBe(0);
  });

  test('what it throws then is nobody’s concern', async () => {
    const late: EndpointDiscovery = {
      name: 'late',
      watch: ({ signal }) => ({
        [Symbol.asyncIterator]: () => ({
          next: () =>
            new Promise((_resolve, reject) => {
              signal.addEventListener('abort', () => reject(new Error('aborted')));
            }),
          return: () => Promise.reject(new Error('rejected')),
        }),
      }),
    };
    const { follower, heard } = following(late);
    follower.start();
    follower.stop();
    await settled();
    expect(heard).toEqual([]);
  });
});

describe('a discovery that is no such thing is a failure like any other', () => {
  const iterator = (next: () => unknown) =>
    ({ [Symbol.asyncIterator]: () => ({ next }) }) as AsyncIterable<string[]>;

  test.each<[string, () => unknown, string]>([
    ['whose watch throws', () => fail('broken'), 'broken'],
    ['whose watch throws no error', () => fail(5), '5'],
    ['whose watch throws what cannot be shown', () => fail(Object.create(null)), 'cannot be shown'],
    ['whose error has no text', () => fail(Object.assign(new Error(), { message: 5 })), '5'],
    [
      'that is async',
      () => Promise.reject(new Error('x')),
      'watch() must return an async iterable',
    ],
    [
      'whose results throw when they are read',
      () => iterator(() => Object.defineProperty({}, 'done', { get: () => fail('careless') })),
      'careless',
    ],
    [
      'whose promises throw when they are read',
      () =>
        iterator(() =>
          Object.defineProperty(Promise.resolve(), 'constructor', { get: () => fail('careless') }),
        ),
      'careless',
    ],
    ['that returns nothing', () => undefined, 'watch() must return an async iterable'],
    ['that returns a promise', () => Promise.resolve([A]), 'watch() must return an async iterable'],
    ['that returns a list', () => [[A]], 'watch() must return an async iterable'],
    ['whose iterator throws', () => iterator(() => fail('no next')), 'no next'],
    ['whose iterator has no results', () => iterator(() => undefined), 'has returned no result'],
  ])('%s', async (_what, watch, text) => {
    const { follower, heard, clock } = following({ name: 'odd', watch } as EndpointDiscovery);
    follower.start();
    await settled();
    expect(heard).toEqual([expect.stringContaining(text)]);
    expect(follower.describe()).toContain(text);
    follower.stop();
    expect(clock.timers).toBe(0);
  });
});

describe('what it says of itself', () => {
  test('before the first set: why there is none yet', async () => {
    const { discovery, follower } = await started();
    expect(follower.hasAnswered).toBe(false);
    expect(follower.describe()).toBe('The discovery fake has not named any server yet');
    discovery.current.failed(new Error('NX\nDOMAIN'));
    expect(follower.describe()).toBe(
      String.raw`The discovery fake has not named any server yet: NX\nDOMAIN`,
    );
  });

  test('nothing while it works, then how old the last set is', async () => {
    const { discovery, names, pass, follower } = await started();
    await names([A]);
    expect(follower.hasAnswered).toBe(true);
    expect(follower.describe()).toBeUndefined();
    await pass(60_000);
    discovery.current.failed(new Error('SERVFAIL'));
    expect(follower.describe()).toBe('The discovery fake last named servers 60 s ago: SERVFAIL');
  });

  test('in numbers', async () => {
    const { discovery, names, pass, follower } = await started();
    expect(follower.stats()).toEqual({
      name: 'fake',
      servers: 0,
      lastSetMs: undefined,
      lastChangeMs: undefined,
      lastErrorMs: undefined,
      lastError: undefined,
      isFailing: false,
    });
    await names([A]);
    await pass(900);
    await names([A]);
    discovery.current.failed('silence');
    await pass(400);
    expect(follower.stats()).toEqual({
      name: 'fake',
      servers: 1,
      lastSetMs: 500,
      lastChangeMs: 1500,
      lastErrorMs: 400,
      lastError: 'silence',
      isFailing: true,
    });
  });
});

function fail(error: unknown): never {
  // oxlint-disable-next-line typescript/only-throw-error -- user code may throw anything
  throw typeof error === 'string' ? new Error(error) : error;
}
