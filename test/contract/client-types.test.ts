// oxlint-disable vitest/expect-expect -- the compiler checks what these tests say
import type { ClientProxy } from '@nestjs/microservices';
import type { Observable } from 'rxjs';
import { describe, expectTypeOf, test } from 'vitest';
import { z } from 'zod';
import { contract } from '../../lib/contract/contract.js';
import type { ContractCall } from '../../lib/contract/contract-call.js';
import { type ContractClient, contractClient } from '../../lib/contract/contract-client.js';
import type { ContractStream } from '../../lib/contract/contract-stream.js';
import { ContractsModule } from '../../lib/contract/contracts-module.js';
import { event, rpc, stream, unchecked } from '../../lib/contract/entries.js';
import { getContractToken, InjectContract } from '../../lib/contract/inject-contract.js';
import type { BroadcastReport, FreelanceClientProxy, FreelanceContext } from '../../lib/index.js';

interface PlaceOrder {
  readonly item: string;
  readonly count?: number;
}

interface Receipt {
  readonly id: number;
}

const count = z.string().transform(Number);
const orders = contract('orders', {
  place: rpc<PlaceOrder, Receipt>({ atMostOnce: true }),
  flush: rpc(),
  version: rpc<void, string>(),
  pick: rpc<'a' | 'b', 1 | 2>(),
  // oxlint-disable-next-line typescript/no-explicit-any -- as in contracts that are being migrated
  loose: rpc<any, string>(),
  unknown: rpc<unknown, string>(),
  add: rpc({ payload: z.object({ count }), result: z.object({ sum: count }) }),
  half: rpc({ payload: count, result: unchecked<Receipt>() }),
  list: stream<string, Receipt>(),
  sums: stream({ result: count }),
  cancelled: event<number>(),
  woken: event(),
});

declare const client: ContractClient<typeof orders>;

/** Compiled, and never run. */
function compiled(_calls: () => unknown): void {}

describe('the compiler knows of a call', () => {
  test('what is passed, and what comes back', () => {
    compiled(() => {
      expectTypeOf(client.place({ item: 'tea' })).toEqualTypeOf<ContractCall<Receipt>>();
      expectTypeOf(client.place({ item: 'tea' })).resolves.toEqualTypeOf<Receipt>();
      expectTypeOf(client.pick('a')).resolves.toEqualTypeOf<1 | 2>();
      expectTypeOf(client.loose({ any: 'thing' })).resolves.toEqualTypeOf<string>();
      expectTypeOf(client.unknown(7)).resolves.toEqualTypeOf<string>();
      // @ts-expect-error -- nothing is passed
      client.place();
      // @ts-expect-error -- of a wrong type
      client.place({ item: 1 });
      // @ts-expect-error -- a typing error
      client.place({ item: 'tea', cuont: 1 });
      // @ts-expect-error -- neither of the two
      client.pick('c');
      // @ts-expect-error -- nothing is passed
      client.loose();
      // @ts-expect-error -- nothing is passed
      client.unknown();
      // @ts-expect-error -- no such entry
      client.plaice({ item: 'tea' });
      // @ts-expect-error -- read only
      client.place = () => client.place({ item: 'tea' });
    });
  });

  test('that nothing is passed, or nothing comes back', () => {
    compiled(() => {
      expectTypeOf(client.flush()).resolves.toEqualTypeOf<void>();
      expectTypeOf(client.flush(undefined, { timeout: 800 })).resolves.toEqualTypeOf<void>();
      expectTypeOf(client.version()).resolves.toEqualTypeOf<string>();
      // @ts-expect-error -- takes nothing
      client.version('x');
    });
  });

  test('with schemas, what goes into them', () => {
    compiled(() => {
      expectTypeOf(client.add({ count: '1' })).resolves.toEqualTypeOf<{ sum: string }>();
      expectTypeOf(client.half('1')).resolves.toEqualTypeOf<Receipt>();
      // @ts-expect-error -- that is what the handler gets
      client.add({ count: 1 });
    });
  });

  test('that it is a promise and an Observable', () => {
    compiled(() => {
      expectTypeOf(client.flush()).toExtend<Promise<void>>();
      expectTypeOf(client.place({ item: 'tea' })).toExtend<Promise<Receipt>>();
      expectTypeOf(client.place({ item: 'tea' })).toExtend<Observable<Receipt>>();
      expectTypeOf(client.place({ item: 'tea' }).then(({ id }) => id)).resolves.toBeNumber();
      expectTypeOf(client.place({ item: 'tea' }).catch(() => 'no tea')).resolves.toEqualTypeOf<
        Receipt | string
      >();
    });
  });

  test('its options', () => {
    compiled(() => {
      const parent = {} as FreelanceContext;
      client.place(
        { item: 'tea' },
        { timeout: 800, idempotent: false, routingKey: 'user-42', parent, metadata: { a: 'b' } },
      );
      // @ts-expect-error -- a typing error
      client.place({ item: 'tea' }, { timeot: 800 });
      // @ts-expect-error -- one result
      client.place({ item: 'tea' }, { broadcast: true });
      // @ts-expect-error -- of a wrong type
      client.place({ item: 'tea' }, { timeout: '800' });
    });
  });
});

test('the compiler knows a stream by its values, and that it is no promise', () => {
  compiled(() => {
    expectTypeOf(client.list('all')).toEqualTypeOf<ContractStream<Receipt>>();
    expectTypeOf(client.list('all')).toExtend<AsyncIterable<Receipt>>();
    expectTypeOf(client.list('all')).toExtend<Observable<Receipt>>();
    expectTypeOf(client.list('all')).not.toExtend<PromiseLike<unknown>>();
    expectTypeOf(client.sums(undefined, { broadcast: true })).toExtend<AsyncIterable<string>>();
    // @ts-expect-error -- nothing is passed
    client.list();
  });
});

test('the compiler knows of an event that a broadcast tells who got it', () => {
  compiled(() => {
    expectTypeOf(client.cancelled(7)).resolves.toEqualTypeOf<void>();
    expectTypeOf(client.cancelled(7, { timeout: 800 })).resolves.toEqualTypeOf<void>();
    expectTypeOf(
      client.cancelled(7, { broadcast: true }),
    ).resolves.toEqualTypeOf<BroadcastReport>();
    expectTypeOf(client.woken()).resolves.toEqualTypeOf<void>();
    // @ts-expect-error -- of a wrong type
    client.cancelled('7');
  });
});

test('a contract client is made of a contract and a client, of this package or of Nest', () => {
  compiled(() => {
    const made = contractClient(orders, {} as FreelanceClientProxy);
    expectTypeOf(made).toEqualTypeOf<ContractClient<typeof orders>>();
    expectTypeOf(contractClient(orders, {} as ClientProxy)).toEqualTypeOf(made);
    // @ts-expect-error -- not a contract
    contractClient({ name: 'orders' }, {} as ClientProxy);
    // @ts-expect-error -- not a client
    contractClient(orders, {});
  });
});

test('it is injected by constructor and by property', () => {
  compiled(() => {
    class Shop {
      @InjectContract(orders)
      readonly orders: ContractClient<typeof orders> | undefined;

      constructor(@InjectContract(orders) readonly other: ContractClient<typeof orders>) {}
    }
    expectTypeOf(getContractToken(orders)).toBeString();
    // @ts-expect-error -- not a contract
    getContractToken('orders');
    return Shop;
  });
});

test('ContractsModule takes contracts with the options of a client, and knows no others', () => {
  class Config {
    readonly endpoints = 'tcp://10.0.0.1:5555';

    createContractOptions() {
      return { endpoints: this.endpoints };
    }
  }
  compiled(() => {
    const endpoints = 'tcp://10.0.0.1:5555';
    ContractsModule.register([{ contract: orders, endpoints }]);
    ContractsModule.register([{ contract: [orders, orders], endpoints, clientToken: Config }]);
    ContractsModule.register({ isGlobal: true, clients: [{ contract: orders, endpoints }] });
    // @ts-expect-error -- no servers
    ContractsModule.register([{ contract: orders }]);
    // @ts-expect-error -- no contract
    ContractsModule.register([{ endpoints }]);
    // @ts-expect-error -- a typing error
    ContractsModule.register([{ contract: orders, endpoints, timeot: 800 }]);
    ContractsModule.registerAsync([
      {
        contract: orders,
        inject: [Config],
        useFactory: (config: Config) => ({ endpoints: config.endpoints }),
      },
      { contract: orders, useFactory: async () => ({ endpoints }) },
      { contract: orders, useClass: Config },
      { contract: orders, useExisting: Config },
    ]);
    // @ts-expect-error -- no options of a client
    ContractsModule.registerAsync([{ contract: orders, useFactory: () => ({ timeout: 800 }) }]);
    // @ts-expect-error -- makes no options
    ContractsModule.registerAsync([{ contract: orders, useClass: String }]);
  });
});
