import { describe, expect, test } from 'vitest';
import { srvDiscovery, type SrvEndpointsOptions } from '../../lib/discovery/srv-endpoints.js';
import type { SrvRecord } from '../../lib/discovery/names.js';
import { DiscoveryBench } from '../support/discovery-bench.js';
import { records, ttl } from '../support/fake-names.js';

const SERVICE = '_freelance._tcp.orders.test';

const srv = (name: string, more: Partial<SrvRecord> = {}): SrvRecord => ({
  name,
  port: 5555,
  priority: 0,
  weight: 1,
  ...more,
});

function bench(...all: SrvRecord[]) {
  const own = new DiscoveryBench();
  own.names.srv.set(`${SERVICE}.`, all);
  own.names.a.set('one.test.', records('10.0.0.1'));
  own.names.a.set('two.test.', records('10.0.0.2'));
  const discovery = (options?: SrvEndpointsOptions, service = SERVICE) =>
    srvDiscovery(service, options, own.deps);
  return { bench: own, names: own.names, discovery };
}

describe('every address of every record is a server', () => {
  test('with port, priority and weight of the record, under the name of its host', async () => {
    const { bench: own, discovery } = bench(
      srv('one.test', { port: 6001, priority: 1, weight: 10 }),
      srv('two.test.', { port: 6002, priority: 2, weight: 30 }),
    );
    const { targets } = await own.follow(discovery());
    expect(targets).toEqual([
      { endpoint: 'tcp://10.0.0.1:6001', name: 'one.test', priority: 1, weight: 10 },
      { endpoint: 'tcp://10.0.0.2:6002', name: 'two.test', priority: 2, weight: 30 },
    ]);
  });

  test('the addresses of one host share its weight', async () => {
    const { bench: own, names, discovery } = bench(srv('one.test', { weight: 10 }));
    names.aaaa.set('one.test.', records('fd00::1'));
    const { targets } = await own.follow(discovery());
    expect(targets).toEqual([
      { endpoint: 'tcp://10.0.0.1:5555', name: 'one.test', priority: 0, weight: 5 },
      { endpoint: 'tcp://[fd00::1]:5555', name: 'one.test', priority: 0, weight: 5 },
    ]);
  });

  test('a weight of 0 is a very small one', async () => {
    const { bench: own, discovery } = bench(srv('one.test', { weight: 0 }), srv('two.test'));
    const { targets } = await own.follow(discovery());
    expect(targets).toMatchObject([{ weight: 0.01 }, { weight: 1 }]);
  });

  test('with tls under the domain, of which their certificates must be', async () => {
    const { bench: own, discovery } = bench(srv('one.test'));
    const { targets } = await own.follow(discovery({ scheme: 'tls' }));
    expect(targets).toMatchObject([{ endpoint: 'tls://10.0.0.1:5555', name: 'orders.test' }]);
  });

  test('one host of several records is looked up once, by its full name', async () => {
    const {
      bench: own,
      names,
      discovery,
    } = bench(srv('one.test', { port: 1 }), srv('one.test', { port: 2 }));
    names.policy = { domains: ['local'], ndots: 9 };
    names.srv.set(`${SERVICE}.local.`, 'ENODATA');
    const { heard } = await own.follow(discovery());
    expect(heard).toEqual(['tcp://10.0.0.1:1 tcp://10.0.0.1:2']);
    expect(names.questions()).toEqual([
      `SRV ${SERVICE}.local.`,
      `SRV ${SERVICE}.`,
      'A one.test.',
      'AAAA one.test.',
    ]);
  });

  test('full names of hosts need no search list', async () => {
    const { bench: own, names, discovery } = bench(srv('one.test'), srv('two.test'));
    let reads = 0;
    names.searchPolicy = () => {
      reads++;
      return Promise.resolve(names.policy);
    };
    await own.follow(discovery());
    expect(reads).toBe(1);
  });

  test('of many hosts 16 are looked up at a time', async () => {
    const hosts = Array.from({ length: 50 }, (_, index) => `host-${index}.test`);
    const { bench: own, names, discovery } = bench(...hosts.map((name) => srv(name)));
    for (const host of hosts) names.a.set(`${host}.`, 'silence');
    await own.follow(discovery({ family: 4 }));
    expect(names.questions().filter((question) => question.startsWith('A '))).toHaveLength(16);
  });
});

describe('it is looked up again', () => {
  test('when the first address expires', async () => {
    const { bench: own, names, discovery } = bench(srv('one.test'), srv('two.test'));
    names.a.set('one.test.', ttl(20, '10.0.0.1'));
    names.a.set('two.test.', ttl(5, '10.0.0.2'));
    const follower = await own.follow(discovery());
    follower.news();
    names.srv.set(`${SERVICE}.`, [srv('one.test')]);
    await own.pass(4999);
    expect(follower.news()).toEqual([]);
    await own.pass(1);
    expect(follower.news()).toEqual(['tcp://10.0.0.1:5555']);
  });

  test('at once when that is wanted', async () => {
    const { bench: own, names, discovery } = bench(srv('one.test'));
    const follower = await own.follow(discovery());
    names.srv.set(`${SERVICE}.`, [srv('two.test')]);
    await own.pass(1000);
    follower.refresh();
    await own.settle();
    expect(follower.news().at(-1)).toBe('tcp://10.0.0.2:5555');
  });
});

describe('what cannot be used is left out with a warning', () => {
  test.each<[string, SrvRecord, string]>([
    [
      'a record without a port',
      srv('two.test', { port: 0 }),
      'an SRV record has no port for two.test',
    ],
    ['a record without a host', srv('.'), 'an SRV record says that there is no such service'],
    ['the same, as c-ares has it', srv(''), 'an SRV record says that there is no such service'],
    ['a host without an address', srv('none.test'), 'records of none.test: there is no such name'],
  ])('%s', async (_what, record, warning) => {
    const { bench: own, names, discovery } = bench(srv('one.test'), record);
    const follower = await own.follow(discovery());
    expect(follower.news()).toEqual([expect.stringContaining(warning), 'tcp://10.0.0.1:5555']);
    // Of records that are all of that kind, none is left: the last ones stay.
    names.srv.set(`${SERVICE}.`, [record]);
    await own.pass(10_000);
    expect(follower.news()).toEqual([expect.stringContaining('failed: ')]);
  });

  test('a host that cannot be looked up keeps its addresses', async () => {
    const { bench: own, names, discovery } = bench(srv('one.test'), srv('two.test'));
    const follower = await own.follow(discovery());
    follower.news();
    names.a.set('one.test.', records('10.0.0.9'));
    names.a.set('two.test.', 'ESERVFAIL');
    await own.pass(10_000);
    expect(follower.news()).toEqual([
      expect.stringContaining(
        'records of two.test: the name server could not find out (SERVFAIL); the last',
      ),
      'tcp://10.0.0.9:5555 tcp://10.0.0.2:5555',
    ]);
  });

  test('which a client that follows later hears, too', async () => {
    const { bench: own, discovery } = bench(srv('one.test'), srv('two.test', { port: 0 }));
    const shared = discovery();
    await own.follow(shared);
    const late = await own.follow(shared);
    expect(late.news()).toEqual([
      'warned: an SRV record has no port for two.test',
      'tcp://10.0.0.1:5555',
    ]);
  });
});

test.each([
  ['ENOTFOUND', 'there is no such name (NXDOMAIN)'],
  ['ENODATA', 'the name has no such record'],
  ['ESERVFAIL', 'SERVFAIL'],
  ['silence', 'no name server has answered in time'],
])('%s: the last set stays, and the failure is told', async (code, text) => {
  const { bench: own, names, discovery } = bench(srv('one.test'));
  const follower = await own.follow(discovery());
  follower.news();
  names.srv.set(`${SERVICE}.`, code);
  await own.pass(10_000);
  await own.pass(5000);
  expect(follower.news()[0]).toContain(text);
  names.srv.set(`${SERVICE}.`, [srv('two.test')]);
  await own.pass(8000);
  expect(follower.news()).toEqual(['tcp://10.0.0.2:5555']);
});

test('an empty answer is none', async () => {
  const { bench: own, discovery } = bench();
  const { heard } = await own.follow(discovery());
  expect(heard).toEqual([`failed: SRV records of ${SERVICE}: there are none`]);
});

test('clients share its look-ups, and end them together', async () => {
  const { bench: own, names, discovery } = bench(srv('one.test'));
  const one = await own.follow(discovery());
  const two = await own.follow(discovery({ scheme: 'tls' }));
  expect(names.questions()).toHaveLength(3);
  expect(two.news()).toEqual(['tls://10.0.0.1:5555']);
  await one.leave();
  await two.leave();
  expect(own.watches.size).toBe(0);
  expect(own.clock.timers).toBe(0);
});

describe('what it does not take', () => {
  test.each<[unknown, unknown, string]>([
    ['', {}, 'srvEndpoints takes the name of SRV records like _freelance._tcp.orders.shop.svc'],
    [undefined, {}, 'srvEndpoints takes the name of SRV records'],
    ['10.0.0.1', {}, 'srvEndpoints takes the name of SRV records'],
    ['tcp://_a._tcp.test:1', {}, 'srvEndpoints takes the name of SRV records'],
    [SERVICE, { scheme: 'ipc' }, "srvEndpoints: scheme must be 'tcp' or 'tls', but is \"ipc\""],
    [SERVICE, { port: 1 }, 'there is no option "port". The options are family, servers, scheme'],
  ])('%j, %j', (service, options, message) => {
    const { deps } = new DiscoveryBench();
    expect(() => srvDiscovery(service as string, options as SrvEndpointsOptions, deps)).toThrow(
      message,
    );
  });

  test('a name without labels that begin with _ it takes', () => {
    const { deps } = new DiscoveryBench();
    expect(srvDiscovery('orders.service.consul', undefined, deps).name).toBe(
      'srv orders.service.consul',
    );
  });
});
