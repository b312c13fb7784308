import { expect, test } from 'vitest';
import { CliError, UsageError } from '../../lib/cli/cli-error.js';
import { type Discover, foundServers } from '../../lib/cli/found-servers.js';
import { dnsEndpoints } from '../../lib/discovery/index.js';
import { FakeDiscovery } from '../support/fake-discovery.js';

const never = new AbortController().signal;

const naming =
  (sets: Readonly<Record<string, readonly string[]>>): Discover =>
  (address) => {
    const discovery = new FakeDiscovery();
    discovery.names(sets[address]?.map((endpoint) => ({ endpoint, name: address })));
    return discovery;
  };

test('what is behind several names is there once, in order', async () => {
  const discover = naming({
    'tcp://a:1': ['tcp://10.0.0.2:1', 'tcp://10.0.0.1:1'],
    'tcp://b:1': ['tcp://10.0.0.1:1'],
  });
  const found = await foundServers(['tcp://a:1', 'tcp://b:1'], never, discover);
  expect(found.map(({ endpoint }) => endpoint)).toEqual(['tcp://10.0.0.1:1', 'tcp://10.0.0.2:1']);
});

test('a name that is not found fails the command at once, and the look-up is over', async () => {
  const discovery = new FakeDiscovery();
  const finding = foundServers(['tcp://orders.shop:1'], never, () => discovery);
  discovery.current.failed(new Error('orders.shop: no such name'));
  await expect(finding).rejects.toThrow(CliError);
  await expect(finding).rejects.toThrow(
    '--dns: no server is found behind tcp://orders.shop:1: orders.shop: no such name',
  );
  expect(discovery.current.signal.aborted).toBe(true);
});

test('Ctrl-C ends a look-up that gets no answer', async () => {
  const interruption = new AbortController();
  const discovery = new FakeDiscovery();
  const finding = foundServers(['tcp://orders.shop:1'], interruption.signal, () => discovery);
  interruption.abort();
  expect(await finding).toEqual([{ endpoint: 'tcp://orders.shop:1' }]);
  expect(discovery.current.signal.aborted).toBe(true);
});

test('an address without a name is a mistake', async () => {
  await expect(foundServers(['ipc:///tmp/x'], never, dnsEndpoints)).rejects.toThrow(UsageError);
});
