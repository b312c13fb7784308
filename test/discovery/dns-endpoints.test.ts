import { describe, expect, test } from 'vitest';
import { dnsDiscovery, type DnsEndpointsOptions } from '../../lib/discovery/dns-endpoints.js';
import { DiscoveryBench } from '../support/discovery-bench.js';
import { records, ttl } from '../support/fake-names.js';

const A = '10.0.0.1';
const B = '10.0.0.2';
const SIX = 'fd00::1';

/** A bench on which `orders.test` has these addresses. */
function bench(...addresses: string[]) {
  const own = new DiscoveryBench();
  own.names.a.set('orders.test.', records(...addresses));
  const dns = (address = 'tcp://orders.test:5555', options?: DnsEndpointsOptions) =>
    dnsDiscovery(address, options, own.deps);
  return { bench: own, names: own.names, dns };
}

describe('every record is a server', () => {
  test('of both families, at the port of the address, under the name', async () => {
    const { bench: own, names, dns } = bench(A, B);
    names.aaaa.set('orders.test.', records(SIX));
    const { targets } = await own.follow(dns());
    expect(targets).toEqual([
      { endpoint: `tcp://${A}:5555`, name: 'orders.test' },
      { endpoint: `tcp://${B}:5555`, name: 'orders.test' },
      { endpoint: `tcp://[${SIX}]:5555`, name: 'orders.test' },
    ]);
  });

  test.each([
    [4, ['A orders.test.'], `tcp://${A}:5555`],
    [6, ['AAAA orders.test.'], `tcp://[${SIX}]:5555`],
  ] as const)('or of family %i alone', async (family, questions, endpoint) => {
    const { bench: own, names, dns } = bench(A);
    names.aaaa.set('orders.test.', records(SIX));
    const { heard } = await own.follow(dns(undefined, { family }));
    expect(heard).toEqual([endpoint]);
    expect(names.questions()).toEqual(questions);
  });

  test('an IP address is one server, and is looked up nowhere', async () => {
    const { bench: own, names, dns } = bench();
    for (const [address, endpoint] of [
      ['tcp://10.0.0.1:5555', 'tcp://10.0.0.1:5555'],
      ['tcp://[::1]:5555', 'tcp://[::1]:5555'],
    ] as const) {
      const follower = await own.follow(dns(address));
      await own.pass(100_000);
      expect(follower.news()).toEqual([endpoint]);
      await follower.leave();
      expect(follower.news()).toEqual(['ended']);
    }
    expect(names.asked).toEqual([]);
  });

  test('the option servers names others to ask', async () => {
    const { bench: own, dns } = bench(A);
    await own.follow(dns());
    await own.follow(dns(undefined, { servers: ['10.96.0.10'] }));
    expect(own.servers).toEqual([undefined, ['10.96.0.10']]);
  });
});

describe('short names', () => {
  test('mean the first candidate of the search list with records', async () => {
    const { bench: own, names, dns } = bench();
    names.policy = { domains: ['shop.svc.local', 'svc.local', 'local'], ndots: 5 };
    names.a.set('orders.shop.svc.svc.local.', 'ENODATA');
    names.a.set('orders.shop.svc.local.', records(A));
    const { targets } = await own.follow(dns('tcp://orders.shop.svc:5555'));
    expect(targets).toEqual([{ endpoint: `tcp://${A}:5555`, name: 'orders.shop.svc' }]);
    expect(names.questions().filter((question) => question.startsWith('A '))).toEqual([
      'A orders.shop.svc.shop.svc.local.',
      'A orders.shop.svc.svc.local.',
      'A orders.shop.svc.local.',
    ]);
  });

  test('a failure ends the search: a later candidate could be another service', async () => {
    const { bench: own, names, dns } = bench(A);
    names.policy = { domains: ['local'], ndots: 5 };
    names.a.set('orders.test.local.', 'ESERVFAIL');
    names.aaaa.set('orders.test.local.', 'ENODATA');
    const { heard } = await own.follow(dns());
    expect(heard).toEqual([expect.stringContaining('SERVFAIL')]);
    expect(names.questions()).not.toContain('A orders.test.');
  });

  test('a candidate that is no name, as it is too long or its domain is wrong, is passed over', async () => {
    const { bench: own, names, dns } = bench(A);
    names.policy = { domains: ['wrong..domain'], ndots: 5 };
    names.a.set('orders.test.wrong..domain.', 'EBADNAME');
    names.aaaa.set('orders.test.wrong..domain.', 'EBADNAME');
    const { heard } = await own.follow(dns());
    expect(heard).toEqual([`tcp://${A}:5555`]);
  });

  test('the search list is that of the moment', async () => {
    const { bench: own, names, dns } = bench();
    names.a.set('orders.test.one.', records(A));
    names.a.set('orders.test.two.', records(B));
    names.policy = { domains: ['one'], ndots: 5 };
    const follower = await own.follow(dns());
    names.policy = { domains: ['two'], ndots: 5 };
    await own.pass(10_000);
    expect(follower.heard).toEqual([`tcp://${A}:5555`, `tcp://${B}:5555`]);
  });

  test('with a dot at its end, a name is what it is, and is shown without the dot', async () => {
    const { bench: own, names, dns } = bench(A);
    names.policy = { domains: ['local'], ndots: 5 };
    const { targets } = await own.follow(dns('tcp://orders.test.:5555'));
    expect(targets).toEqual([{ endpoint: `tcp://${A}:5555`, name: 'orders.test' }]);
  });
});

describe('names are looked up again', () => {
  test.each([
    [0, 1000],
    [5, 5000],
    [300, 30_000],
  ])('when records of %i s expire: after %i ms', async (seconds, ms) => {
    const { bench: own, names, dns } = bench();
    names.a.set('orders.test.', ttl(seconds, A));
    names.aaaa.set('orders.test.', ttl(60, SIX));
    const follower = await own.follow(dns());
    names.a.set('orders.test.', records(B));
    follower.news();
    await own.pass(ms - 1);
    expect(follower.news()).toEqual([]);
    await own.pass(1);
    expect(follower.news()).toEqual([`tcp://${B}:5555 tcp://[${SIX}]:5555`]);
  });

  test('up to a fifth earlier, so that clients do not ask together', async () => {
    const { bench: own, names, dns } = bench();
    own.random = 1;
    names.a.set('orders.test.', ttl(30, A));
    await own.follow(dns());
    names.questions();
    await own.pass(23_999);
    expect(names.questions()).toEqual([]);
    await own.pass(1);
    expect(names.questions()).toHaveLength(2);
  });

  test('at once when an answer of now is wanted, and not twice in a second', async () => {
    const { bench: own, names, dns } = bench(A);
    const follower = await own.follow(dns());
    names.questions();
    follower.refresh();
    follower.refresh();
    await own.pass(999);
    expect(names.questions()).toEqual([]);
    await own.pass(1);
    expect(names.questions()).toHaveLength(2);
    await own.pass(5000);
    follower.refresh();
    await own.settle();
    expect(names.questions()).toHaveLength(2);
  });

  test('again, when that is wanted while a look-up is under way: it may be older than the loss', async () => {
    const { bench: own, names, dns } = bench(A);
    names.a.set('orders.test.', 'silence');
    names.aaaa.set('orders.test.', 'silence');
    const follower = await own.follow(dns());
    follower.refresh();
    names.a.set('orders.test.', records(B));
    names.aaaa.set('orders.test.', 'ENODATA');
    await own.pass(5000);
    await own.settle();
    expect(follower.heard.at(-1)).toBe(`tcp://${B}:5555`);
  });
});

describe('while a name cannot be looked up', () => {
  const FAILURES: [string, string, string][] = [
    ['a name server that is silent', 'silence', 'no name server has answered in time'],
    ['one that times out', 'ETIMEOUT', 'no name server has answered in time'],
    ['SERVFAIL', 'ESERVFAIL', '(SERVFAIL)'],
    ['REFUSED', 'EREFUSED', '(REFUSED)'],
    ['NXDOMAIN', 'ENOTFOUND', '(NXDOMAIN)'],
    ['no records', 'ENODATA', 'the name has no such record'],
    ['no connection', 'ECONNREFUSED', 'no name server could be reached'],
    ['what nobody knows', 'EFORMERR', 'the look-up failed with EFORMERR'],
  ];

  test.each(FAILURES)(
    '%s: the last set stays, and the failure is told',
    async (_what, code, text) => {
      const { bench: own, names, dns } = bench(A);
      names.aaaa.set('orders.test.', 'ENODATA');
      const follower = await own.follow(dns());
      names.a.set('orders.test.', code);
      names.aaaa.set('orders.test.', code);
      await own.pass(10_000);
      await own.pass(5000);
      const [first, failure] = follower.news();
      expect(first).toBe(`tcp://${A}:5555`);
      expect(failure).toContain(`failed: A and AAAA records of orders.test: `);
      expect(failure).toContain(text);
      // It is asked again, ever more rarely, and soon after the name server is back.
      names.a.set('orders.test.', records(B));
      names.aaaa.set('orders.test.', 'ENODATA');
      await own.pass(8000);
      expect(follower.news().at(-1)).toBe(`tcp://${B}:5555`);
    },
  );

  test('there is a look-up each 4 to 8 s in the end', async () => {
    const { bench: own, names, dns } = bench();
    own.random = 1;
    names.a.set('orders.test.', 'ESERVFAIL');
    await own.follow(dns());
    const at: number[] = [];
    let asked = names.questions().length;
    for (let ms = 0; ms < 40_000; ms += 100) {
      await own.pass(100);
      if (names.asked.length > asked) at.push(ms + 100);
      asked = names.asked.length;
    }
    expect(at.slice(0, 5)).toEqual([2000, 6000, 14_000, 22_000, 30_000]);
  });

  test('an address that is none is no answer', async () => {
    const { bench: own, names, dns } = bench('0.0.0.0');
    names.aaaa.set('orders.test.', records('::'));
    const follower = await own.follow(dns());
    expect(follower.news()).toEqual([expect.stringContaining('the name has no such record')]);
    names.a.set('orders.test.', records('0.0.0.0', A));
    await own.pass(2000);
    expect(follower.news()).toEqual([
      'warned: orders.test has an address that is none',
      `tcp://${A}:5555`,
    ]);
  });

  describe('of one family alone', () => {
    test('its records stay, beside the new ones of the other', async () => {
      const { bench: own, names, dns } = bench(A);
      names.aaaa.set('orders.test.', records(SIX));
      const follower = await own.follow(dns());
      follower.news();
      names.a.set('orders.test.', records(B));
      names.aaaa.set('orders.test.', 'ETIMEOUT');
      await own.pass(10_000);
      expect(follower.news()).toEqual([
        'warned: AAAA records of orders.test: no name server has answered in time; the last ones stay',
        `tcp://${B}:5555 tcp://[${SIX}]:5555`,
      ]);
      // It is said once.
      await own.pass(10_000);
      expect(follower.news()).toEqual([`tcp://${B}:5555 tcp://[${SIX}]:5555`]);
    });

    test('it has none: they are gone', async () => {
      const { bench: own, names, dns } = bench(A);
      names.aaaa.set('orders.test.', records(SIX));
      const follower = await own.follow(dns());
      follower.news();
      names.aaaa.set('orders.test.', 'ENODATA');
      await own.pass(10_000);
      expect(follower.news()).toEqual([`tcp://${A}:5555`]);
    });
  });
});

describe('the hosts file', () => {
  test('counts where name servers have no records, for 30 s', async () => {
    const { bench: own, names, dns } = bench();
    names.a.delete('orders.test.');
    names.hosts.set('orders.test', [A, '::1', '0.0.0.0']);
    const follower = await own.follow(dns());
    expect(follower.news()).toEqual([`tcp://${A}:5555 tcp://[::1]:5555`]);
    names.questions();
    await own.pass(29_999);
    expect(names.questions()).toEqual([]);
    await own.pass(1);
    expect(names.questions()).toContain('lookup orders.test');
  });

  test('counts where name servers have no answer after a second', async () => {
    const { bench: own, names, dns } = bench();
    names.a.set('orders.test.', 'silence');
    names.aaaa.set('orders.test.', 'silence');
    names.hosts.set('orders.test', [A]);
    const follower = await own.follow(dns());
    await own.pass(999);
    expect(follower.news()).toEqual([]);
    await own.pass(1);
    expect(follower.news()).toEqual([`tcp://${A}:5555`]);
    expect(names.signals.every(({ aborted }) => aborted)).toBe(true);
  });

  test('counts no more once name servers have answered', async () => {
    const { bench: own, names, dns } = bench(A);
    names.hosts.set('orders.test', [B]);
    const follower = await own.follow(dns());
    names.a.set('orders.test.', 'ENOTFOUND');
    await own.pass(10_000);
    expect(follower.heard).toEqual([`tcp://${A}:5555`, expect.stringContaining('failed: ')]);
    expect(names.questions()).not.toContain('lookup orders.test');
  });

  test('has no address of the family: that of the name servers is told', async () => {
    const { bench: own, names, dns } = bench();
    names.a.delete('orders.test.');
    names.hosts.set('orders.test', ['::1']);
    const { heard } = await own.follow(dns(undefined, { family: 4 }));
    expect(heard).toEqual(['failed: A records of orders.test: there is no such name (NXDOMAIN)']);
  });
});

describe('several clients', () => {
  test('share look-ups of one name, whatever their ports, and end them together', async () => {
    const { bench: own, names, dns } = bench(A);
    const one = await own.follow(dns());
    const two = await own.follow(dns('tcp://orders.test:6666'));
    expect(two.news()).toEqual([`tcp://${A}:6666`]);
    expect(names.questions()).toHaveLength(2);
    expect(own.watches.size).toBe(1);
    await one.leave();
    names.a.set('orders.test.', records(B));
    await own.pass(10_000);
    expect(two.news()).toEqual([`tcp://${B}:6666`]);
    expect(names.questions()).toHaveLength(2);
    await two.leave();
    expect(own.watches.size).toBe(0);
    expect(own.clock.timers).toBe(0);
    await own.pass(100_000);
    expect(names.questions()).toEqual([]);
    expect(two.news()).toEqual(['ended']);
  });

  test('may have the same discovery; a later one hears at once what is known, and what is wrong', async () => {
    const { bench: own, names, dns } = bench(A);
    const discovery = dns();
    await own.follow(discovery);
    names.a.set('orders.test.', 'ESERVFAIL');
    await own.pass(10_000);
    const late = await own.follow(discovery);
    // In this order: a client takes a set for the end of a failure.
    expect(late.news()).toEqual([`tcp://${A}:5555`, expect.stringContaining('SERVFAIL')]);
  });

  test('with other options have look-ups of their own', async () => {
    const { bench: own, dns } = bench(A);
    await own.follow(dns());
    await own.follow(dns(undefined, { family: 4 }));
    await own.follow(dns(undefined, { servers: ['10.0.0.53'] }));
    expect(own.watches.size).toBe(3);
  });

  test('one that leaves while a look-up is under way cancels it', async () => {
    const { bench: own, names, dns } = bench();
    names.a.set('orders.test.', 'silence');
    names.aaaa.set('orders.test.', 'silence');
    const follower = await own.follow(dns());
    await follower.leave();
    expect(names.signals.map(({ aborted }) => aborted)).toEqual([true, true]);
    await own.settle();
    expect(own.clock.timers).toBe(0);
    expect(names.questions()).toEqual(['A orders.test.', 'AAAA orders.test.']);
    expect(follower.news()).toEqual(['ended']);
  });

  test('one that leaves as soon as it hears of a failure has left', async () => {
    const { bench: own, names, dns } = bench();
    names.a.set('orders.test.', 'ESERVFAIL');
    const discovery = dns();
    const other = await own.follow(discovery);
    const abort = new AbortController();
    const sets = discovery.watch({
      signal: abort.signal,
      onRefresh: () => () => {},
      failed: () => abort.abort(),
      warn: () => {},
    });
    const heard: unknown[] = [];
    void (async () => {
      for await (const set of sets) heard.push(set);
      heard.push('ended');
    })();
    await own.settle();
    expect(heard).toEqual(['ended']);
    await other.leave();
    expect(own.watches.size).toBe(0);
    expect(own.clock.timers).toBe(0);
  });
});

describe('what it does not take', () => {
  test.each<[unknown, unknown, string]>([
    [
      undefined,
      {},
      'dnsEndpoints takes an address like tcp://orders.shop.svc:5555, but got undefined',
    ],
    ['orders.test', {}, 'it must begin with tcp://'],
    ['tcp://orders.test', {}, 'it must have a host and a port'],
    ['tcp://orders.test:0', {}, 'it must end with a port'],
    ['tcp://a:b@orders.test:1', {}, 'but got "tcp://…@orders.test:1": it must not have a user'],
    ['ipc:///tmp/orders', {}, 'only tcp:// and tls:// addresses have a host to look up'],
    ['inproc://orders', {}, 'only tcp:// and tls:// addresses have a host to look up'],
    ['tcp://orders.test:1', 5, 'dnsEndpoints: options must be an object, but are 5'],
    [
      'tcp://orders.test:1',
      { ttl: 5 },
      'there is no option "ttl". The options are family, servers',
    ],
    ['tcp://orders.test:1', { family: 5 }, 'family must be 4 or 6, but is 5'],
    ['tcp://orders.test:1', { servers: [] }, 'servers must be a list of IP addresses'],
    ['tcp://orders.test:1', { servers: '1.1.1.1' }, 'servers must be a list of IP addresses'],
    ['tcp://orders.test:1', { servers: ['ns.test'] }, 'with or without a port, but has "ns.test"'],
    ['tcp://orders.test:1', { servers: ['1.1.1.1:0'] }, 'a port, but has "1.1.1.1:0"'],
    ['tcp://orders.test:1', { servers: ['[::1]:65536'] }, 'a port, but has "[::1]:65536"'],
  ])('%j, %j', (address, options, message) => {
    const { deps } = new DiscoveryBench();
    expect(() => dnsDiscovery(address as string, options as DnsEndpointsOptions, deps)).toThrow(
      message,
    );
  });

  test.each(['10.0.0.53', '10.0.0.53:5353', '::1', '[::1]', '[::1]:53'])(
    'a server %s it takes',
    (server) => {
      const { dns } = bench();
      expect(() => dns(undefined, { servers: [server] })).not.toThrow();
    },
  );
});
