import { AsyncLocalStorage } from 'node:async_hooks';
import { expect, test } from 'vitest';
import { type Lookup, type Resolution, Resolver } from '../../lib/sockets/resolver.js';
import { ManualClock } from '../support/manual-clock.js';

const LIMIT_MS = 1000;

/** Look-ups that end when the test says so. */
function fakeDns() {
  const asked: { name: string; done: Parameters<Lookup>[1] }[] = [];
  const clock = new ManualClock();
  const resolver = new Resolver((name, done) => asked.push({ name, done }), clock);
  /** What came of each, in the order of their answers. */
  const heard: [host: string, resolution: Resolution][] = [];
  return {
    clock,
    heard,
    asked: () => asked.map(({ name }) => name),
    resolve: (host: string) =>
      resolver.resolve(host, LIMIT_MS, (resolution) => heard.push([host, resolution])),
    answer: async (name: string, ...addresses: string[]) => {
      const [lookup] = asked.splice(
        asked.findIndex((open) => open.name === name),
        1,
      );
      lookup?.done(null, addresses.map(addressOf));
      await turned();
    },
    fail: async (name: string, error: Error) => {
      const [lookup] = asked.splice(
        asked.findIndex((open) => open.name === name),
        1,
      );
      lookup?.done(error, []);
      await turned();
    },
  };
}

const addressOf = (address: string) => ({ address, family: address.includes(':') ? 6 : 4 });

const turned = () => new Promise((resolve) => setImmediate(resolve));

test.each([
  ['127.0.0.1', 4],
  ['::1', 6],
  ['fe80::1%lo', 6],
])('the address %s is not looked up', async (address, family) => {
  const dns = fakeDns();
  dns.resolve(address);
  expect(dns.heard).toEqual([]);
  await turned();
  expect(dns.heard).toEqual([[address, { addresses: [{ address, family }] }]]);
  expect(dns.asked()).toEqual([]);
  expect(dns.clock.timers).toBe(0);
});

test('a name resolves to all its addresses, of both families, in the order of the system', async () => {
  const dns = fakeDns();
  dns.resolve('a');
  await dns.answer('a', '::1', '10.0.0.2', '10.0.0.1');
  expect(dns.heard).toEqual([['a', { addresses: ['::1', '10.0.0.2', '10.0.0.1'].map(addressOf) }]]);
  expect(dns.clock.timers).toBe(0);
});

test('two look-ups run at once, the others wait for their turn', async () => {
  const dns = fakeDns();
  for (const name of ['a', 'b', 'c', 'd']) dns.resolve(name);
  expect(dns.asked()).toEqual(['a', 'b']);
  await dns.answer('b', '10.0.0.2');
  expect(dns.asked()).toEqual(['a', 'c']);
  expect(dns.heard.map(([host]) => host)).toEqual(['b']);
});

test('callers with the same name share one look-up', async () => {
  const dns = fakeDns();
  dns.resolve('a');
  dns.resolve('a');
  expect(dns.asked()).toEqual(['a']);
  await dns.answer('a', '10.0.0.1');
  expect(dns.heard).toHaveLength(2);
  // No cache: the next one looks anew.
  dns.resolve('a');
  expect(dns.asked()).toEqual(['a']);
});

test('with look-ups that hang, each caller times out, also those in the queue, and IP addresses still work', async () => {
  const dns = fakeDns();
  for (const name of ['a', 'b', 'c']) dns.resolve(name);
  dns.clock.advance(LIMIT_MS);
  expect(dns.heard).toEqual(
    ['a', 'b', 'c'].map((name) => [
      name,
      { reason: `the name ${name} has not resolved within ${LIMIT_MS} ms`, code: 'ETIMEDOUT' },
    ]),
  );
  // Their threads are still taken: nothing new is started, and what nobody waits for any more never is.
  dns.resolve('d');
  dns.resolve('10.0.0.1');
  await turned();
  expect(dns.heard.at(-1)?.[0]).toBe('10.0.0.1');
  expect(dns.asked()).toEqual(['a', 'b']);
  await dns.answer('a', '10.0.0.9');
  expect(dns.asked()).toEqual(['b', 'd']);
});

test('an answer that comes too late serves the next attempt, once and for a limited time', async () => {
  const dns = fakeDns();
  const late = async () => {
    dns.resolve('a');
    dns.clock.advance(LIMIT_MS);
    await dns.answer('a', '10.0.0.1');
    dns.heard.length = 0;
  };
  await late();
  dns.resolve('a');
  await turned();
  expect(dns.heard).toEqual([['a', { addresses: [addressOf('10.0.0.1')] }]]);
  dns.resolve('a');
  expect(dns.asked()).toEqual(['a']);
  await dns.answer('a', '10.0.0.1');

  await late();
  dns.clock.advance(60_000);
  dns.resolve('a');
  await turned();
  expect(dns.heard).toEqual([]);
  expect(dns.asked()).toEqual(['a']);
});

test('an attempt while a look-up of the same name hangs waits for that one', async () => {
  const dns = fakeDns();
  dns.resolve('a');
  dns.clock.advance(LIMIT_MS);
  dns.heard.length = 0;
  dns.resolve('a');
  expect(dns.asked()).toEqual(['a']);
  await dns.answer('a', '10.0.0.1');
  expect(dns.heard).toEqual([['a', { addresses: [addressOf('10.0.0.1')] }]]);
});

test('a cancelled caller hears nothing, and leaves no timer and no queued look-up', async () => {
  const dns = fakeDns();
  const cancels = ['a', 'b', 'c', '10.0.0.1'].map((name) => dns.resolve(name));
  for (const cancel of cancels) cancel();
  expect(dns.clock.timers).toBe(0);
  await dns.answer('a', '10.0.0.1');
  expect(dns.asked()).toEqual(['b']);
  expect(dns.heard).toEqual([]);
});

test('a name that does not resolve gives a reason and a code', async () => {
  const dns = fakeDns();
  dns.resolve('a');
  await dns.fail('a', Object.assign(new Error('getaddrinfo'), { code: 'ENOTFOUND' }));
  dns.resolve('b');
  await dns.answer('b');
  expect(dns.heard).toEqual([
    ['a', { reason: 'the name a does not resolve (ENOTFOUND)', code: 'ENOTFOUND' }],
    ['b', { reason: 'the name b does not resolve (it has no address)', code: 'ENOTFOUND' }],
  ]);
});

test('a look-up that throws counts as failed, and frees its place', async () => {
  const heard: Resolution[] = [];
  const resolver = new Resolver(() => {
    throw new Error('of the user');
  }, new ManualClock());
  for (const name of ['a', 'b', 'c']) resolver.resolve(name, LIMIT_MS, (what) => heard.push(what));
  expect(heard).toEqual([]);
  await turned();
  expect(heard).toHaveLength(3);
  expect(heard[2]).toEqual({
    reason: 'the name c does not resolve (of the user)',
    code: 'ENOTFOUND',
  });
});

test('a look-up serves all callers, and runs in nobody’s async context', () => {
  const storage = new AsyncLocalStorage<string>();
  const seen: unknown[] = [];
  const resolver = new Resolver(() => seen.push(storage.getStore()), new ManualClock());
  storage.run('a caller', () => resolver.resolve('a', LIMIT_MS, () => {}));
  expect(seen).toEqual([undefined]);
});

test('Node’s own look-up, with Node’s own timers: localhost', async () => {
  const resolution = await new Promise<Resolution>((resolve) => {
    new Resolver().resolve('localhost', 60_000, resolve);
  });
  expect(resolution).toMatchObject({
    addresses: expect.arrayContaining([expect.objectContaining({ family: 4 })]),
  });
});

test.each([
  ['a text', '127.0.0.1', ['127.0.0.1']],
  ['texts', ['127.0.0.1', '::1'], ['127.0.0.1', '::1']],
  ['a family that is not the address’ own', [{ address: '::1', family: 4 }], ['::1']],
  ['families as text', [{ address: '::1', family: 'IPv6' }], ['::1']],
  ['nothing', undefined, []],
  ['null', null, []],
  ['holes', [null, undefined, {}, 7], []],
  ['a name', [{ address: 'another.name', family: 4 }], []],
])('a look-up of the process’ own that answers %s does no harm', async (_, answer, addresses) => {
  const resolver = new Resolver((...[, done]) => done(null, answer as never), new ManualClock());
  // More often than look-ups may run at once.
  for (let n = 0; n < 5; n++) {
    const resolved = new Promise<Resolution>((done) => resolver.resolve('a', LIMIT_MS, done));
    expect(await resolved).toEqual(
      addresses.length > 0
        ? { addresses: addresses.map(addressOf) }
        : { reason: 'the name a does not resolve (it has no address)', code: 'ENOTFOUND' },
    );
  }
});

test('a look-up that answers several times is heard once', async () => {
  const dones: Parameters<Lookup>[1][] = [];
  const resolver = new Resolver((_, done) => dones.push(done), new ManualClock());
  const heard: Resolution[] = [];
  for (const name of ['a', 'b', 'c', 'd']) {
    resolver.resolve(name, LIMIT_MS, (resolution) => heard.push(resolution));
  }
  for (let n = 0; n < 3; n++) dones[0]?.(null, [addressOf('127.0.0.1')]);
  await turned();
  expect(heard).toHaveLength(1);
  // Two run, as before: the one that has answered has made room for one.
  expect(dones).toHaveLength(3);
});
