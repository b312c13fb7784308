import { describe, expectTypeOf, test } from 'vitest';
import { Observable, of } from 'rxjs';
import { contract } from '../../lib/contract/contract.js';
import { event, rpc, stream } from '../../lib/contract/entries.js';
import type { StandardSchema } from '../../lib/contract/standard-schema.js';
import type { FreelanceContext } from '../../lib/index.js';
import { stubServer } from '../../lib/testing/stub-server.js';
import type { StubServer } from '../../lib/testing/stub.js';

interface PlaceOrder {
  readonly item: string;
}
interface Receipt {
  readonly id: number;
}
declare const count: StandardSchema<string, number>;
declare const names: StandardSchema<string>;

/** Only compiled. */
function compiled(): void {
  const orders = contract('orders', {
    place: rpc<PlaceOrder, Receipt>(),
    stock: rpc({ payload: count, result: names }),
    list: stream<string, Receipt>(),
    shipped: event<number>(),
  });

  void stubServer(orders);
  void stubServer(orders, {
    place: (order, context) => {
      expectTypeOf(order).toEqualTypeOf<PlaceOrder>();
      expectTypeOf(context).toEqualTypeOf<FreelanceContext>();
      return { id: order.item.length };
    },
    stock: (data) => {
      expectTypeOf(data).toEqualTypeOf<number>();
      return Promise.resolve(of('tea'));
    },
    list: () => new Observable<Receipt>(),
    shipped: undefined,
  });
  void stubServer(orders, {
    // @ts-expect-error -- a result that the contract does not have
    place: () => ({ id: 'one' }),
    // @ts-expect-error -- data that no caller sends
    shipped: (id: string) => id,
    // @ts-expect-error -- a stream has values, not one value
    list: () => ({ id: 1 }),
  });
  // @ts-expect-error -- no such entry
  void stubServer(orders, { plaec: () => ({ id: 1 }) });

  expectTypeOf(stubServer(orders)).resolves.toEqualTypeOf<StubServer<typeof orders>>();
  const change = async () => {
    const stub: StubServer<typeof orders> = await stubServer(orders, {});
    stub.answer('place', ({ item }) => ({ id: item.length }));
    // @ts-expect-error -- another result
    stub.answer('place', () => 'one');
    // @ts-expect-error -- no such entry
    stub.answer('plaec', () => ({ id: 1 }));
    // @ts-expect-error -- an answer is never taken away
    stub.answer('place', undefined);
  };
  void change;

  const untyped = stubServer({
    value: (data) => {
      expectTypeOf(data).toBeUnknown();
    },
    expecting: (order: PlaceOrder, context) => {
      expectTypeOf(context).toEqualTypeOf<FreelanceContext>();
      return order.item;
    },
  });
  expectTypeOf(untyped).resolves.toEqualTypeOf<StubServer>();
  const changeUntyped = async () => {
    (await untyped).answer('any', (order: PlaceOrder) => order.item);
  };
  void changeUntyped;
  // @ts-expect-error -- no function
  void stubServer({ sum: 6 });
  // @ts-expect-error -- the second is for contracts
  void stubServer({ sum: () => 6 }, {});
}

describe('the types of answers', () => {
  test('hold what the contract says, and let an answer by pattern say what it expects', () => {
    expectTypeOf(compiled).toBeFunction();
  });
});
