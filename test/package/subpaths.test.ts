import { Controller, Module } from '@nestjs/common';
import { HealthIndicatorService } from '@nestjs/terminus';
import { Test } from '@nestjs/testing';
import { createRequire } from 'node:module';
import { Registry } from 'prom-client';
import { lastValueFrom } from 'rxjs';
import { describe, expect, test } from 'vitest';
import { z } from 'zod';
import type * as Library from '../../lib/index.js';
import type * as Contracts from '../../lib/contract/index.js';
import type * as Discovery from '../../lib/discovery/index.js';
import type * as Prometheus from '../../lib/prometheus/index.js';
import type * as Terminus from '../../lib/terminus/index.js';
import type * as Testing from '../../lib/testing/index.js';
import { serve } from '../support/nest.js';

const require = createRequire(import.meta.url);

const load = {
  esm: (path: string) => import(new URL(`../../dist/esm/${path}`, import.meta.url).href),
  cjs: (path: string) => Promise.resolve(require(`../../dist/${path}`)),
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

  test('serves and calls a contract that the other build made', async () => {
    const mine = (await load[build]('contract/index.js')) as typeof Contracts;
    const theirs = (await load[other]('contract/index.js')) as typeof Contracts;
    const library = (await load[build]('index.js')) as typeof Library;
    const orders = ordersOf(theirs);
    await using server = await serve(
      [implementing(mine, orders)],
      {},
      [],
      library.FreelanceTransportServer,
    );
    const { FreelanceClientProxy } = (await load[other]('index.js')) as typeof Library;
    const client = new FreelanceClientProxy({ endpoints: server.endpoints });
    try {
      for (const { contractClient } of [mine, theirs]) {
        const { place, list } = contractClient(orders, client);
        expect(await place({ count: 2 }, { metadata: { tenant: 'acme' } })).toBe('2 for acme');
        const values: number[] = [];
        for await (const value of list(2)) values.push(value);
        expect(values).toEqual([1, 2]);
        const error: unknown = await place({ count: -1 }).catch((thrown: unknown) => thrown);
        expect(error).toBeInstanceOf(mine.ContractError);
        expect(error).toBeInstanceOf(theirs.ContractError);
        expect(error).toMatchObject({ code: 'INVALID_PAYLOAD', issues: [{ path: ['count'] }] });
      }
      expect(mine.getContractToken(orders)).toBe(theirs.getContractToken(orders));
    } finally {
      client.close();
    }
  });

  test('injects, into a decorator of the other build, a contract of the other build', async () => {
    const mine = (await load[build]('contract/index.js')) as typeof Contracts;
    const theirs = (await load[other]('contract/index.js')) as typeof Contracts;
    const { stubServer } = (await load[build]('testing/index.js')) as typeof Testing;
    const orders = ordersOf(theirs);
    const stub = await stubServer(orders, { place: ({ count }) => `stub of ${count}` });
    class Checkout {
      readonly client!: Contracts.ContractClient<Orders>;
    }
    theirs.InjectContract(orders)(Checkout.prototype, 'client');
    const module = await Test.createTestingModule({
      imports: [mine.ContractsModule.register([{ contract: orders, endpoints: stub.endpoints }])],
      providers: [Checkout],
    }).compile();
    expect(await module.get(Checkout).client.place({ count: 3 })).toBe('stub of 3');
    await module.close();
    await stub.close();
    expect(stub.calls).toMatchObject([{ pattern: 'orders.place', data: { count: 3 } }]);
  });

  test('stubs for a client of the other build, and checks as its contract says', async () => {
    const { stubServer } = (await load[build]('testing/index.js')) as typeof Testing;
    const theirs = (await load[other]('contract/index.js')) as typeof Contracts;
    const { FreelanceClientProxy } = (await load[other]('index.js')) as typeof Library;
    const stub = await stubServer(ordersOf(theirs), { place: () => 'placed' });
    const client = new FreelanceClientProxy({ endpoints: stub.endpoints });
    expect(await lastValueFrom(client.send('orders.place', { count: 1 }))).toBe('placed');
    const failed = lastValueFrom(client.send('orders.place', { count: -1 }));
    await expect(failed).rejects.toMatchObject({ code: 'INVALID_PAYLOAD' });
    client.close();
    await stub.close();
  });

  test('kills and restarts servers below a client of the other build', async () => {
    const { FreelanceTestbed } = (await load[build]('testing/index.js')) as typeof Testing;
    const theirs = (await load[other]('contract/index.js')) as typeof Contracts;
    const { FreelanceClientProxy } = (await load[other]('index.js')) as typeof Library;
    const orders = ordersOf(theirs);
    @Module({ controllers: [implementing(theirs, orders)] })
    class OrdersModule {}

    const bed = await FreelanceTestbed.create({ servers: 2, module: OrdersModule });
    const client = new FreelanceClientProxy({ endpoints: bed.endpoints });
    const { place } = theirs.contractClient(orders, client);
    expect(await place({ count: 1 })).toBe('1 for nobody');
    bed.server(1).freeze();
    const placed = Promise.all([1, 2, 3, 4].map((count) => place({ count })));
    bed.server(1).kill();
    expect(await placed).toEqual([1, 2, 3, 4].map((count) => `${count} for nobody`));
    bed.server(2).kill();
    await bed.server(1).restart();
    expect(await place({ count: 5 })).toBe('5 for nobody');
    client.close();
    await bed.close();
  });
});

const ordersOf = ({ contract, rpc, stream }: typeof Contracts) =>
  contract('orders', {
    place: rpc({ payload: z.object({ count: z.number().min(0) }), result: z.string() }),
    list: stream<number, number>(),
  });

type Orders = ReturnType<typeof ordersOf>;

function implementing({ Implements }: typeof Contracts, orders: Orders) {
  class OrdersController {
    place({ count }: { count: number }, context: Library.FreelanceContext) {
      return `${count} for ${context.getMetadata()['tenant'] ?? 'nobody'}`;
    }

    async *list(count: number) {
      for (let n = 1; n <= count; n++) yield Promise.resolve(n);
    }
  }
  Implements(orders)(OrdersController);
  Controller()(OrdersController);
  return OrdersController;
}
