import { describe, expect, test } from 'vitest';
import { checkName, type NameSystem, searchDomainsIn } from '../../../lib/cli/doctor/check-name.js';
import { Problem } from '../../../lib/cli/doctor/finding.js';
import { type Lookup, Resolver } from '../../../lib/sockets/resolver.js';

const systemWith = (lookup: Lookup, domains: string[] = []): NameSystem => ({
  resolver: new Resolver(lookup),
  dnsServers: () => ['192.0.2.53'],
  searchDomains: () => Promise.resolve(domains),
});

const failing =
  (code: string): Lookup =>
  (name, done) =>
    done(Object.assign(new Error(`${code} ${name}`), { code }), []);

const check = (host: string, system: NameSystem, timeoutMs = 60_000) =>
  checkName(host, 5555, system, timeoutMs, () => 0);

async function problemOf(host: string, system: NameSystem, timeoutMs?: number) {
  const problem: unknown = await check(host, system, timeoutMs).catch((error: unknown) => error);
  if (!(problem instanceof Problem)) throw new Error('there is no problem');
  return { message: problem.message, advice: problem.advice.join('\n') };
}

describe('a name', () => {
  test('that does not exist: the search domains of this machine may explain it', async () => {
    const system = systemWith(failing('ENOTFOUND'), ['default.svc.cluster.local', 'cluster.local']);
    const { message, advice } = await problemOf('inventory', system);
    expect(message).toBe('the name inventory does not resolve (ENOTFOUND)');
    expect(advice).toContain('appends default.svc.cluster.local, cluster.local');
    expect(advice).toContain('192.0.2.53');
  });

  test('with dots gets no search domains', async () => {
    const { advice } = await problemOf(
      'inventory.example',
      systemWith(failing('ENOTFOUND'), ['local']),
    );
    expect(advice).not.toContain('appends');
  });

  test('whose DNS server is down', async () => {
    const { advice } = await problemOf('inventory', systemWith(failing('EAI_AGAIN')));
    expect(advice).toContain('the DNS servers 192.0.2.53, and has no answer (EAI_AGAIN)');
  });

  test('whose DNS server never answers', async () => {
    const { message, advice } = await problemOf(
      'inventory',
      systemWith(() => {}),
      20,
    );
    expect(message).toBe('the name inventory has not resolved within 20 ms');
    expect(advice).toContain('no longer than 5 s');
  });

  test('with both families: they alternate, as a client tries them', async () => {
    const lookup: Lookup = (_name, done) =>
      done(null, [
        { address: '::1', family: 6 },
        { address: '2001:db8::1', family: 6 },
        { address: '192.0.2.1', family: 4 },
      ]);
    const { value, notes } = await check('inventory', systemWith(lookup));
    expect(value.map(({ name }) => name)).toEqual([
      '[::1]:5555',
      '192.0.2.1:5555',
      '[2001:db8::1]:5555',
    ]);
    expect(notes).toHaveLength(1);
  });

  test('that is an IP address is not looked up', async () => {
    const { summary } = await check('192.0.2.1', systemWith(failing('ENOTFOUND')));
    expect(summary).toContain('nothing to resolve');
  });
});

test('search domains are those of the last line, as resolv.conf(5) has it', () => {
  const text = 'nameserver 192.0.2.53\ndomain old\nsearch a.example  b.example\noptions ndots:5\n';
  expect(searchDomainsIn(text)).toEqual(['a.example', 'b.example']);
  expect(searchDomainsIn('')).toEqual([]);
});
