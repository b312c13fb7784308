import dns from 'node:dns';
import { readFile } from 'node:fs/promises';
import { hostname } from 'node:os';
import { resolver } from '../sockets/resolver.js';
import type { AddressRecord, Names } from './names.js';
import { readSearchPolicy } from './search-list.js';

/** As long as glibc waits for one DNS server (`timeout` in resolv.conf(5)). */
const LOOKUP_MS = 5000;

/**
 * How long a name server may take for its first answer, in ms, and how often it is asked. c-ares doubles the time at the second
 * try, so that one silent server is given up after 3 s, and the second of two is asked after 1 s.
 */
const PATIENCE = { timeout: 1000, tries: 2 };

/** In seconds: RFC 2181, 8. */
const LONGEST_TTL = 2 ** 31 - 1;

const RESOLV_CONF = '/etc/resolv.conf';

/**
 * Node's own: c-ares for records with their TTLs, `dns.lookup` for what the machine itself knows.
 *
 * @param servers to ask, as `dns.setServers` takes them; undefined for those of resolv.conf, as it is at that moment
 */
export function nodeNames(servers?: readonly string[]): Names {
  /** Each question has a resolver of its own: it reads resolv.conf anew, and can be cancelled by itself. */
  const ask = async <Answer>(
    signal: AbortSignal,
    question: (asked: dns.promises.Resolver) => Promise<Answer>,
  ): Promise<Answer> => {
    const own = new dns.promises.Resolver(PATIENCE);
    if (servers) own.setServers(servers);
    const cancel = () => own.cancel();
    signal.addEventListener('abort', cancel, { once: true });
    try {
      return await question(own);
    } finally {
      signal.removeEventListener('abort', cancel);
    }
  };
  return {
    resolve4: (name, signal) =>
      ask(signal, (own) => own.resolve4(name, { ttl: true })).then(withTtls),
    resolve6: (name, signal) =>
      ask(signal, (own) => own.resolve6(name, { ttl: true })).then(withTtls),
    resolveSrv: (name, signal) => ask(signal, (own) => own.resolveSrv(name)),
    lookup,
    searchPolicy,
  };
}

/**
 * Node tells the TTLs of the first 256 records only (`addrttls` in its cares_wrap.cc). All of an answer have the same: RFC 2181, 5.2.
 */
function withTtls(records: readonly Partial<AddressRecord>[]): readonly AddressRecord[] {
  const ttls = records.flatMap(({ ttl }) => ttl ?? []);
  const least = Math.min(...ttls, LONGEST_TTL);
  return records.map(({ address = '', ttl = least }) => ({ address, ttl }));
}

/** With the bounds of all look-ups of this library: they take threads that the whole process shares. */
function lookup(name: string, signal: AbortSignal): Promise<readonly string[]> {
  return new Promise((resolve, reject) => {
    const cancel = resolver.resolve(name, LOOKUP_MS, (resolution) => {
      signal.removeEventListener('abort', aborted);
      if ('addresses' in resolution) resolve(resolution.addresses.map(({ address }) => address));
      else reject(Object.assign(new Error(resolution.reason), { code: resolution.code }));
    });
    const aborted = () => {
      cancel();
      reject(Object.assign(new Error('cancelled'), { code: 'ECANCELLED' }));
    };
    signal.addEventListener('abort', aborted, { once: true });
  });
}

async function searchPolicy() {
  const { LOCALDOMAIN, RES_OPTIONS } = process.env;
  // Without one, as on Windows, names are tried as they are; `lookup` knows what the machine makes of others.
  const text = await readFile(RESOLV_CONF, 'utf8').catch(() => '');
  return readSearchPolicy(text, { LOCALDOMAIN, RES_OPTIONS, hostname: hostname() });
}
