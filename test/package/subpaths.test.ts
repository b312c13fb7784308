import { HealthIndicatorService } from '@nestjs/terminus';
import { createRequire } from 'node:module';
import { Registry } from 'prom-client';
import { describe, expect, test } from 'vitest';
import type * as Library from '../../lib/index.js';
import type * as Discovery from '../../lib/discovery/index.js';
import type * as Prometheus from '../../lib/prometheus/index.js';
import type * as Terminus from '../../lib/terminus/index.js';

const require = createRequire(import.meta.url);

const load = {
  esm: (path: string) => import(new URL(`../../dist/esm/${path}`, import.meta.url).href),
  cjs: (path: string) => Promise.resolve(require(`../../dist/cjs/${path}`)),
};

/** The build, and the one whose client it gets: an application may load both. */
const BUILDS = [
  ['esm', 'cjs'],
  ['cjs', 'esm'],
] as const;

describe.each(BUILDS)('the %s build, with a client of the %s build,', (build, other) => {
  const clientOf = async () => {
    const { FreelanceClientProxy } = (await load[other]('index.js')) as typeof Library;
    return new FreelanceClientProxy({ endpoints: 'tcp://127.0.0.1:1' });
  };

  test('collects its metrics', async () => {
    const { freelanceCollector } = (await load[build]('prometheus/index.js')) as typeof Prometheus;
    const registry = new Registry();
    freelanceCollector({ registry, clients: { inventory: await clientOf() } });
    expect(await registry.metrics()).toContain(
      'freelance_client_pending_calls{client="inventory"} 0',
    );
  });

  test('collects into a registry into which the other build collects as well', async () => {
    const mine = (await load[build]('prometheus/index.js')) as typeof Prometheus;
    const theirs = (await load[other]('prometheus/index.js')) as typeof Prometheus;
    const registry = new Registry();
    const names = async () =>
      [...(await registry.metrics()).matchAll(/_pending_calls\{client="(\w+)"\}/gu)].map(
        ([, name]) => name,
      );
    const one = mine.freelanceCollector({ registry, clients: { one: await clientOf() } });
    const two = theirs.freelanceCollector({ registry, clients: { two: await clientOf() } });
    expect(await names()).toEqual(['one', 'two']);
    one.stop();
    expect(await names()).toEqual(['two']);
    two.stop();
    expect(registry.getSingleMetric('freelance_client_pending_calls')).toBeUndefined();
  });

  test('finds its servers', async () => {
    const { dnsEndpoints } = (await load[build]('discovery/index.js')) as typeof Discovery;
    const { FreelanceClientProxy, FreelanceError } = (await load[other](
      'index.js',
    )) as typeof Library;
    const client = new FreelanceClientProxy({
      endpoints: dnsEndpoints('tcp://127.0.0.1:1'),
      connectTimeout: 100,
    });
    await client.connect().catch(() => {});
    expect(Object.keys(client.stats().endpoints)).toEqual(['tcp://127.0.0.1:1']);
    client.close();
    expect(() => dnsEndpoints('nonsense')).toThrow(FreelanceError);
  });

  test('tells its health', async () => {
    const { FreelanceHealthIndicator } = (await load[build](
      'terminus/index.js',
    )) as typeof Terminus;
    const health = new FreelanceHealthIndicator(new HealthIndicatorService());
    const client = await clientOf();
    expect(health.isHealthy('inventory', client).inventory.status).toBe('down');
    client.close();
  });
});
