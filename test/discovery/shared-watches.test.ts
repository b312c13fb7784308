import { expect, test } from 'vitest';
import type { DiscoveryWatch, EndpointDiscovery } from '../../lib/core/endpoint-discovery.js';
import { dnsDiscovery } from '../../lib/discovery/dns-endpoints.js';
import { DiscoveryBench, Follower } from '../support/discovery-bench.js';
import { records } from '../support/fake-names.js';

/** A user's discovery around another one, which changes what it is told. */
function around(inner: EndpointDiscovery, changes: Partial<DiscoveryWatch>): EndpointDiscovery {
  return { name: 'a wrapper', watch: (watch) => inner.watch({ ...watch, ...changes }) };
}

const BOOM = new Error('boom');

function boom(): never {
  throw BOOM;
}

/** How the watch of a discovery ends. */
async function endOf(discovery: EndpointDiscovery): Promise<unknown> {
  const watch: DiscoveryWatch = {
    signal: new AbortController().signal,
    onRefresh: () => () => {},
    failed: () => {},
    warn: () => {},
  };
  try {
    for await (const _ of discovery.watch(watch));
    return 'ended';
  } catch (error) {
    return error;
  }
}

test('listeners of a wrapper that throw end its own watch, and the others are still told', async () => {
  const bench = new DiscoveryBench();
  bench.names.a.set('orders.test.', records('10.0.0.1', '0.0.0.0'));
  const dns = dnsDiscovery('tcp://orders.test:5555', { family: 4 }, bench.deps);
  const ends = [endOf(around(dns, { warn: boom })), endOf(around(dns, { failed: boom }))];
  const other = new Follower(dns);
  await bench.settle();
  expect(other.news()).toEqual([
    'warned: orders.test has an address that is none',
    'tcp://10.0.0.1:5555',
  ]);
  expect(await ends[0]).toBe(BOOM);

  bench.names.a.set('orders.test.', 'ESERVFAIL');
  await bench.pass(30_000);
  expect(other.news()).toEqual([
    'failed: A records of orders.test: the name server could not find out (SERVFAIL)',
  ]);
  expect(await ends[1]).toBe(BOOM);
});

test('a wrapper whose listener throws at once has left: nothing is looked up for it', async () => {
  const bench = new DiscoveryBench();
  bench.names.a.set('orders.test.', 'ESERVFAIL');
  const dns = dnsDiscovery('tcp://orders.test:5555', { family: 4 }, bench.deps);
  const first = new Follower(dns);
  await bench.pass(1000);
  expect(await endOf(around(dns, { failed: boom }))).toBe(BOOM);
  expect(await endOf(around(dns, { onRefresh: boom }))).toBe(BOOM);
  expect(bench.watches.size).toBe(1);
  await first.leave();
  expect(bench.watches.size).toBe(0);
});
