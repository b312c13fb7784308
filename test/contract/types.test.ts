import { describe, expectTypeOf, test } from 'vitest';
import { Observable } from 'rxjs';
import type { ContractClient } from '../../lib/contract/contract-client.js';
import type { ContractHandlers } from '../../lib/contract/handlers.js';
import type { Contract } from '../../lib/contract/contract.js';
import { event, rpc, stream } from '../../lib/contract/entries.js';
import type { FreelanceContext } from '../../lib/index.js';
import type { StandardSchema } from '../../lib/contract/standard-schema.js';

interface PlaceOrder {
  item: string;
  count: number;
}
interface Receipt {
  id: number;
}
declare const schema: StandardSchema<{ count: string }, { count: number }>;
const entries = {
  place: rpc<PlaceOrder, Receipt>({ atMostOnce: true }),
  list: stream<{ q: string }, Receipt>(),
  cancelled: event<number>(),
  ping: rpc(),
  add: rpc({ payload: schema, result: schema }),
  only: rpc({ payload: schema }),
  bump: event({ payload: schema }),
  u: rpc<'a' | 'b', 1 | 2>(),
};
type C = Contract<typeof entries>;
declare const c: ContractClient<C>;
type Implements = <T extends abstract new (...args: never[]) => ContractHandlers<C>>(t: T) => void;
declare const Implements: Implements;

@Implements
export class Good {
  place(order: PlaceOrder): Receipt {
    return { id: order.count };
  }
  async *list(q: { q: string }, ctx: FreelanceContext) {
    yield { id: q.q.length + ctx.getAttempt() };
  }
  cancelled(_id: number) {}
  ping() {}
  async add(d: { count: number }, _c: FreelanceContext, _user: string) {
    return { count: String(d.count) };
  }
  only(_d: { count: number }) {}
  bump() {
    return new Observable<number>();
  }
  u(x: 'a' | 'b'): 1 | 2 {
    return x === 'a' ? 1 : 2;
  }
}

// @ts-expect-error -- a payload that no caller sends
@Implements
export class Bad extends Good {
  // a narrower payload
  override place(order: PlaceOrder & { more: string }): Receipt {
    return { id: order.count };
  }
}
describe('x', () => {
  test('y', async () => {
    expectTypeOf(c.ping).toBeCallableWith();
    const f = () => {
      expectTypeOf(
        c.place({ item: '', count: 1 }, { timeout: 800 }),
      ).resolves.toEqualTypeOf<Receipt>();
      expectTypeOf(c.cancelled(1, { broadcast: true })).resolves.toHaveProperty('failed');
      expectTypeOf(c.cancelled(1)).resolves.toEqualTypeOf<void>();
      expectTypeOf(c.u('a')).resolves.toEqualTypeOf<1 | 2>();
      c.add({ count: '1' });
      c.ping(undefined, { timeout: 3 });
      // @ts-expect-error -- missing
      c.place();
      // @ts-expect-error -- wrong
      c.place({ item: 1, count: 1 });
    };
    void f;
  });
});
