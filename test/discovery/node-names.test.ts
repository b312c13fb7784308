import { describe, expect, test } from 'vitest';
import { nodeNames } from '../../lib/discovery/node-names.js';
import { FakeDns } from '../support/fake-dns.js';

const never = new AbortController().signal;

describe('Node’s own resolver', () => {
  test('tells records and their TTLs, and asks for the name as it is', async () => {
    await using dns = await FakeDns.start();
    dns.set('A', 'orders.test', { address: '10.0.0.1', ttl: 7 }, { address: '10.0.0.2', ttl: 9 });
    dns.set('AAAA', 'orders.test', { address: 'fd00::1', ttl: 3 });
    const srv = { target: 'pod-1.test', port: 6001, priority: 2, weight: 30 };
    dns.set('SRV', '_freelance._tcp.orders.test', srv);
    const names = nodeNames([dns.server]);
    expect(await names.resolve4('orders.test.', never)).toEqual([
      { address: '10.0.0.1', ttl: 7 },
      { address: '10.0.0.2', ttl: 9 },
    ]);
    expect(await names.resolve6('orders.test.', never)).toEqual([{ address: 'fd00::1', ttl: 3 }]);
    expect(await names.resolveSrv('_freelance._tcp.orders.test.', never)).toEqual([
      { name: 'pod-1.test', port: 6001, priority: 2, weight: 30 },
    ]);
    expect(dns.asked).toEqual([
      'A orders.test',
      'AAAA orders.test',
      'SRV _freelance._tcp.orders.test',
    ]);
  });

  test('tells the TTL of each of very many records, though Node tells 256', async () => {
    await using dns = await FakeDns.start();
    const many = (address: (index: number) => string) =>
      Array.from({ length: 300 }, (_, index) => ({ address: address(index), ttl: 7 }));
    dns.set('A', 'orders.test', ...many((index) => `10.0.${index >> 8}.${index & 0xff}`));
    dns.set('AAAA', 'orders.test', ...many((index) => `fd00::${index + 1}`));
    const names = nodeNames([dns.server]);
    for (const records of [
      await names.resolve4('orders.test.', never),
      await names.resolve6('orders.test.', never),
    ]) {
      expect(records).toHaveLength(300);
      expect(records.filter(({ ttl }) => ttl !== 7)).toEqual([]);
    }
  });

  test('asks anew each time: no answer is kept for longer than its TTL', async () => {
    await using dns = await FakeDns.start();
    dns.set('A', 'orders.test', { address: '10.0.0.1', ttl: 300 });
    const names = nodeNames([dns.server]);
    await names.resolve4('orders.test.', never);
    dns.set('A', 'orders.test', { address: '10.0.0.2', ttl: 300 });
    expect(await names.resolve4('orders.test.', never)).toEqual([
      { address: '10.0.0.2', ttl: 300 },
    ]);
  });

  test('tells no such name from no such record', async () => {
    await using dns = await FakeDns.start();
    dns.set('A', 'orders.test', { address: '10.0.0.1', ttl: 7 });
    const names = nodeNames([dns.server]);
    await expect(names.resolve6('orders.test.', never)).rejects.toMatchObject({ code: 'ENODATA' });
    await expect(names.resolve4('none.test.', never)).rejects.toMatchObject({ code: 'ENOTFOUND' });
  });

  test('a question to a name server that is silent ends with the signal', async () => {
    await using dns = await FakeDns.start();
    dns.isSilent = true;
    const abort = new AbortController();
    const asked = nodeNames([dns.server]).resolve4('orders.test.', abort.signal);
    abort.abort();
    await expect(asked).rejects.toMatchObject({ code: 'ECANCELLED' });
  });

  test('and by itself, long before anybody would wait for it', async () => {
    await using dns = await FakeDns.start();
    dns.isSilent = true;
    const asked = nodeNames([dns.server]).resolve4('orders.test.', never);
    await expect(asked).rejects.toMatchObject({ code: 'ETIMEOUT' });
    expect(dns.asked).toEqual(['A orders.test', 'A orders.test']);
  });
});

describe('what the machine knows', () => {
  test('is its hosts file', async () => {
    const addresses = await nodeNames().lookup('localhost', never);
    expect(addresses.some((address) => address === '127.0.0.1' || address === '::1')).toBe(true);
  });

  test('says why it does not know a name', async () => {
    await expect(nodeNames().lookup('no-such-name.invalid', never)).rejects.toThrow(
      /the name no-such-name.invalid (does not resolve|has not resolved)/,
    );
  });

  test('is asked no longer than somebody waits', async () => {
    const abort = new AbortController();
    const asked = nodeNames().lookup('no-such-name.invalid', abort.signal);
    abort.abort();
    await expect(asked).rejects.toMatchObject({ code: 'ECANCELLED' });
  });

  test('is how it completes names', async () => {
    const { domains, ndots } = await nodeNames().searchPolicy();
    expect(Array.isArray(domains)).toBe(true);
    expect(ndots).toBeGreaterThanOrEqual(0);
  });
});
