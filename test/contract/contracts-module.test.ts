import { Controller, Inject, Injectable, Module } from '@nestjs/common';
import { MessagePattern } from '@nestjs/microservices';
import { NestFactory } from '@nestjs/core';
import { Test } from '@nestjs/testing';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { contract } from '../../lib/contract/contract.js';
import type { ContractClient } from '../../lib/contract/contract-client.js';
import { ContractsModule } from '../../lib/contract/contracts-module.js';
import type {
  ContractOptionsFactory,
  ContractsModuleAsyncOptions,
  ContractsModuleOptions,
} from '../../lib/contract/contracts-module-options.js';
import { rpc } from '../../lib/contract/entries.js';
import { getContractToken, InjectContract } from '../../lib/contract/inject-contract.js';
import { FreelanceClientProxy } from '../../lib/index.js';
import { serve, type Served } from '../support/nest.js';

const orders = contract('orders', { place: rpc<string, string>() });
const billing = contract('billing', { charge: rpc<number, number>() });

type OrdersClient = ContractClient<typeof orders>;
type BillingClient = ContractClient<typeof billing>;

@Controller()
class ServedController {
  @MessagePattern('orders.place')
  place(item: string) {
    return `${item} is placed`;
  }

  @MessagePattern('billing.charge')
  charge(cents: number) {
    return cents;
  }
}

let server: Served;
let endpoints: string[];

beforeAll(async () => {
  server = await serve([ServedController], { bind: 'inproc://contracts-module' });
  endpoints = [...server.endpoints];
});

afterAll(() => server[Symbol.asyncDispose]());

@Injectable()
class Shop {
  @InjectContract(billing)
  readonly billing: BillingClient | undefined;

  constructor(@InjectContract(orders) readonly placing: OrdersClient) {}
}

const both = () => [{ contract: [orders, billing], endpoints }];

describe('register', () => {
  test('provides a client for each contract, by constructor and by property', async () => {
    const app = await Test.createTestingModule({
      imports: [ContractsModule.register(both())],
      providers: [Shop],
    }).compile();
    const shop = app.get(Shop);
    expect(await shop.placing.place('tea')).toBe('tea is placed');
    expect(await shop.billing?.charge(12)).toBe(12);
    await app.close();
  });

  test('makes one FreelanceClientProxy for the contracts of a registration, which clientToken names', async () => {
    const app = await Test.createTestingModule({
      imports: [
        ContractsModule.register([
          { contract: [orders, billing], endpoints, clientToken: 'ORDERS', name: 'orders' },
        ]),
      ],
      providers: [Shop],
    }).compile();
    const shop = app.get(Shop);
    const client = app.get<FreelanceClientProxy>('ORDERS', { strict: false });
    await shop.placing.place('tea');
    await shop.billing?.charge(12);
    const calls = Object.values(client.stats().patterns).map(({ calls: count }) => count);
    expect(calls).toEqual([1, 1]);
    await app.close();
  });

  test('without clientToken nobody else can inject the FreelanceClientProxy', async () => {
    const module = ContractsModule.register(both());
    expect(module.exports).toEqual(['ContractClient(orders)', 'ContractClient(billing)']);
  });

  test('isGlobal provides them everywhere', async () => {
    @Module({ providers: [Shop], exports: [Shop] })
    class ShopModule {}

    const app = await Test.createTestingModule({
      imports: [ContractsModule.register({ isGlobal: true, clients: both() }), ShopModule],
    }).compile();
    expect(await app.get(Shop, { strict: false }).placing.place('tea')).toBe('tea is placed');
    await app.close();
  });

  test('a missing contract is named by the error of Nest', async () => {
    const app = Test.createTestingModule({ providers: [Shop] }).compile();
    await expect(app).rejects.toThrow('ContractClient(orders)');
  });

  test('a test can replace a client, which then connects to nothing', async () => {
    const app = await Test.createTestingModule({
      imports: [
        ContractsModule.register([
          { contract: [orders, billing], endpoints, clientToken: 'ORDERS' },
        ]),
      ],
      providers: [Shop],
    })
      .overrideProvider(getContractToken(orders))
      .useValue({ place: async () => 'from the test' })
      .compile();
    expect(await app.get(Shop).placing.place('tea')).toBe('from the test');
    const client = app.get<FreelanceClientProxy>('ORDERS', { strict: false });
    expect(client.stats().endpoints).toEqual({});
    await app.close();
  });

  test('the same module in two applications is two clients: closing one leaves the other', async () => {
    const module = ContractsModule.register([
      { contract: [orders, billing], endpoints, clientToken: 'ORDERS' },
    ]);
    const open = () => Test.createTestingModule({ imports: [module], providers: [Shop] }).compile();
    const [first, second] = [await open(), await open()];
    await first.get(Shop).placing.place('tea');
    await second.get(Shop).placing.place('tea');
    const of = (app: typeof first) => app.get<FreelanceClientProxy>('ORDERS', { strict: false });
    await first.close();
    expect(of(first).stats().endpoints).toEqual({});
    expect(Object.keys(of(second).stats().endpoints)).toEqual(endpoints);
    await second.close();
  });
});

test('modules with other servers have clients of their own, also where Nest tells modules apart by a hash', async () => {
  const [a, b] = [
    { contract: orders, clientToken: 'A' },
    { contract: orders, clientToken: 'B' },
  ];
  const registrations = [
    ContractsModule.register([{ ...a, endpoints: ['inproc://first'] }]),
    ContractsModule.register([{ ...a, endpoints: ['inproc://second'] }]),
    ContractsModule.registerAsync([{ ...b, useFactory: () => ({ endpoints: ['inproc://1'] }) }]),
    ContractsModule.registerAsync([{ ...b, useFactory: () => ({ endpoints: ['inproc://2'] }) }]),
  ];
  @Module({ imports: registrations })
  class App {}
  const app = await NestFactory.createApplicationContext(App, {
    moduleIdGeneratorAlgorithm: 'deep-hash',
    logger: false,
  });
  const all = ['A', 'B'].flatMap((token) =>
    app.get<FreelanceClientProxy>(token, { strict: false, each: true }),
  );
  expect(all).toHaveLength(4);
  await app.close();
});

describe('when the application closes', () => {
  const seen: string[] = [];

  @Injectable()
  class Closing {
    constructor(@InjectContract(orders) readonly placing: OrdersClient) {}

    async onModuleDestroy() {
      seen.push(await this.placing.place('destroy'));
    }

    async beforeApplicationShutdown() {
      seen.push(await this.placing.place('before'));
    }
  }

  test.each([true, false])(
    'clients close last, after hooks that call them; with shutdown hooks: %j',
    async (hasHooks) => {
      seen.length = 0;
      const module = await Test.createTestingModule({
        imports: [
          ContractsModule.register([
            { contract: [orders, billing], endpoints, clientToken: 'ORDERS' },
          ]),
        ],
        providers: [Closing],
      }).compile();
      const app = hasHooks ? module.enableShutdownHooks([]) : module;
      await app.init();
      const client = app.get<FreelanceClientProxy>('ORDERS', { strict: false });
      const closed = new Promise<void>((resolve) => {
        client.status.subscribe((status) => status === 'disconnected' && resolve());
      });
      await app.get(Closing).placing.place('tea');
      await app.close();
      await closed;
      expect(seen).toEqual(['destroy is placed', 'before is placed']);
      expect(client.stats().endpoints).toEqual({});
    },
  );
});

describe('registerAsync', () => {
  @Injectable()
  class Config implements ContractOptionsFactory {
    readonly endpoints = endpoints;

    createContractOptions() {
      return { endpoints };
    }
  }

  @Module({ providers: [Config], exports: [Config] })
  class ConfigModule {}

  const contracts = [orders, billing];

  const place = async (options: ContractsModuleAsyncOptions) => {
    const app = await Test.createTestingModule({
      imports: [ContractsModule.registerAsync(options)],
      providers: [Shop],
    }).compile();
    const result = await app.get(Shop).placing.place('tea');
    await app.close();
    return result;
  };

  test('takes options from a factory, with what it injects', async () => {
    const result = await place([
      {
        contract: contracts,
        imports: [ConfigModule],
        inject: [Config],
        useFactory: async (config: Config) => ({ endpoints: config.endpoints }),
      },
    ]);
    expect(result).toBe('tea is placed');
  });

  test('takes them from a class, and from a provider', async () => {
    expect(await place([{ contract: contracts, useClass: Config }])).toBe('tea is placed');
    const existing = { contract: contracts, imports: [ConfigModule], useExisting: Config };
    expect(await place({ clients: [existing] })).toBe('tea is placed');
  });

  test('a class that makes no options ends the start, with the name of the contract', async () => {
    class Lacking {
      readonly endpoints = endpoints;
    }
    const started = place([{ contract: contracts, useClass: Lacking as never }]);
    await expect(started).rejects.toMatchObject({
      code: 'BAD_OPTIONS',
      message:
        'ContractsModule.registerAsync, orders, billing: an object of the class Lacking has no method createContractOptions.',
    });
  });

  test('extraProviders are for the factory', async () => {
    const result = await place([
      {
        contract: contracts,
        extraProviders: [{ provide: 'WHERE', useFactory: () => endpoints }],
        inject: ['WHERE'],
        useFactory: (where: string[]) => ({ endpoints: where }),
      },
    ]);
    expect(result).toBe('tea is placed');
  });

  test('isGlobal provides them everywhere', () => {
    const clients = [{ contract: orders, useFactory: () => ({ endpoints }) }];
    expect(ContractsModule.registerAsync({ isGlobal: true, clients }).global).toBe(true);
    expect(ContractsModule.registerAsync({ clients }).global).toBe(false);
  });

  test('wrong options end the start of the application, with the name of the contract', async () => {
    const started = place([
      { contract: contracts, useFactory: () => ({ endpoints: 'tcp:/nowhere' }) },
    ]);
    await expect(started).rejects.toMatchObject({
      code: 'BAD_OPTIONS',
      message: expect.stringMatching(
        /^ContractsModule, orders, billing: FreelanceClientProxy: endpoints must be an address/,
      ),
    });
  });

  test.each([
    [{}, 'takes one of useFactory, useClass, useExisting, but got none.'],
    [
      { useFactory: () => ({ endpoints }), useClass: Config },
      'takes one of useFactory, useClass, useExisting, but got useFactory and useClass.',
    ],
    [{ useFactory: 'x' }, 'useFactory must be a function, but is "x".'],
    [{ useClass: Config, inject: [] }, 'inject goes with useFactory, and useClass ignores it.'],
    [
      { endpoints: 'x', useClass: Config },
      'there is no option "endpoints". The options are contract, clientToken, imports, inject, useFactory, useClass, useExisting, extraProviders.',
    ],
  ])('is refused: %o', (options, message) => {
    const given = [{ contract: orders, ...options }] as ContractsModuleAsyncOptions;
    expect(() => ContractsModule.registerAsync(given)).toThrow(
      expect.objectContaining({
        code: 'BAD_OPTIONS',
        message: `ContractsModule.registerAsync, orders: ${message}`,
      }),
    );
  });
});

describe('register refuses', () => {
  const other = contract('orders', {});
  const endpoint = 'inproc://x';

  const matching = (pattern: RegExp) => expect.stringMatching(pattern) as string;

  test.each<[unknown, string]>([
    [undefined, 'ContractsModule.register: options must be an object, but are undefined.'],
    [{}, 'ContractsModule.register: clients must be a list, but is undefined.'],
    [
      { clients: [], global: true },
      'ContractsModule.register: there is no option "global". The options are isGlobal, clients.',
    ],
    [
      { clients: [], isGlobal: 1 },
      'ContractsModule.register: isGlobal must be true or false, but is 1.',
    ],
    [
      [orders.name],
      'ContractsModule.register: each client must be an object, but one is "orders".',
    ],
    [
      [{ endpoints: endpoint }],
      'ContractsModule.register: contract takes a contract, as contract() returns it, but got undefined: files that import each other in a circle see that.',
    ],
    [
      [{ contract: [], endpoints: endpoint }],
      'ContractsModule.register: contract is an empty list.',
    ],
    [
      [
        { contract: orders, endpoints: endpoint },
        { contract: [billing, orders], endpoints: endpoint },
      ],
      'ContractsModule.register: the contract orders is registered twice. List all its servers in one registration.',
    ],
    [
      [{ contract: [orders, other], endpoints: endpoint }],
      'ContractsModule.register: two contracts have the name orders. Give one of them another.',
    ],
    [
      [
        { contract: orders, endpoints: endpoint, clientToken: 'SHOP' },
        { contract: billing, endpoints: endpoint, clientToken: 'SHOP' },
      ],
      'ContractsModule.register, billing: another registration has the clientToken "SHOP", too. Give one of them another.',
    ],
    [
      [{ contract: orders, endpoints: endpoint, clientToken: 7 }],
      'ContractsModule.register, orders: clientToken must be a string, a symbol or a class, but is 7.',
    ],
    [
      [{ contract: orders }],
      matching(/^ContractsModule, orders: FreelanceClientProxy: endpoints must be .*undefined/),
    ],
    [
      [{ contract: orders, endpoints: endpoint, endpoint }],
      matching(/^ContractsModule, orders: FreelanceClientProxy: there is no option "endpoint"\./),
    ],
    [
      [{ contract: orders, endpoints: endpoint, timeout: 0 }],
      matching(
        /^ContractsModule, orders: FreelanceClientProxy: timeout must be a number, at least 1/,
      ),
    ],
  ])('%o', (options, message) => {
    expect(() => ContractsModule.register(options as ContractsModuleOptions)).toThrow(
      expect.objectContaining({
        code: 'BAD_OPTIONS',
        message,
      }),
    );
  });
});

describe('InjectContract', () => {
  test('is Nest’s Inject with a token that people can read', () => {
    expect(getContractToken(orders)).toBe('ContractClient(orders)');
    class ByNest {
      constructor(@Inject('ContractClient(orders)') readonly client: OrdersClient) {}
    }
    class ByContract {
      constructor(@InjectContract(orders) readonly client: OrdersClient) {}
    }
    const tokens = (type: object) => Reflect.getMetadata('self:paramtypes', type) as unknown;
    expect(tokens(ByContract)).toEqual(tokens(ByNest));
  });

  test.each([
    ['getContractToken', () => getContractToken('orders' as never)],
    ['InjectContract', () => InjectContract(undefined as never)],
  ])('%s refuses what is not a contract', (name, call) => {
    expect(call).toThrow(`${name} takes a contract, as contract() returns it, but got `);
  });
});
