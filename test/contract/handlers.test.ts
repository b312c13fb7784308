// oxlint-disable vitest/expect-expect -- the compiler checks what these tests say
import { Payload } from '@nestjs/microservices';
import type { FreelanceContext } from 'nestjs-freelance';
import { EMPTY, type Observable, of } from 'rxjs';
import { describe, expectTypeOf, test } from 'vitest';
import { z } from 'zod';
import { contract } from '../../lib/contract/contract.js';
import { event, rpc, stream, unchecked } from '../../lib/contract/entries.js';
import type { ContractHandlers } from '../../lib/contract/handlers.js';
import { Implements } from '../../lib/contract/implements.js';

interface PlaceOrder {
  item: string;
  count?: number;
}

interface Receipt {
  id: number;
}

const place = contract('orders', { place: rpc<PlaceOrder, Receipt>() });
const list = contract('orders', { list: stream<string, Receipt>() });
const cancelled = contract('orders', { cancelled: event<number>() });
const flush = contract('orders', { flush: rpc() });
const unions = contract('orders', { pick: rpc<'a' | 'b', 1 | 2 | undefined>() });

/** Takes text, gives a number. */
const count = z.string().transform(Number);
const schemas = contract('orders', {
  add: rpc({ payload: z.object({ count }), result: z.object({ sum: count }) }),
  told: event({ payload: z.object({ count }) }),
  sums: stream({ result: z.number() }),
  half: rpc({ payload: count, result: unchecked<Receipt>() }),
});

/** The classes are for the compiler alone: none is ever made. */
function compiled(_classes: () => unknown): void {}

describe('the compiler accepts a controller', () => {
  test('with synchronous, asynchronous and reactive results', () => {
    compiled(() => {
      @Implements(place)
      class Plain {
        place(order: PlaceOrder): Receipt {
          return { id: order.count ?? 0 };
        }
      }
      @Implements(place)
      class Later {
        async place({ item }: PlaceOrder): Promise<Receipt> {
          return Promise.resolve({ id: item.length });
        }
      }
      @Implements(place)
      class Reactive {
        place(): Observable<Receipt> {
          return of({ id: 1 });
        }
      }
      @Implements(place)
      class LaterReactive {
        place() {
          return Promise.resolve(of({ id: 1, more: true }));
        }
      }
      return [Plain, Later, Reactive, LaterReactive];
    });
  });

  test('with streams that are generators, iterables or Observables', () => {
    compiled(() => {
      @Implements(list)
      class Generator {
        async *list(query: string): AsyncGenerator<Receipt> {
          yield Promise.resolve({ id: query.length });
        }
      }
      @Implements(list)
      class Reactive {
        list(): Observable<Receipt> {
          return EMPTY;
        }
      }
      @Implements(list)
      class Later {
        list(): Promise<AsyncIterable<Receipt>> {
          return Promise.reject(new Error());
        }
      }
      return [Generator, Reactive, Later];
    });
  });

  test('that takes the context, and decorated parameters behind it', () => {
    compiled(() => {
      @Implements(place)
      class Context {
        place(_order: PlaceOrder, context: FreelanceContext): Receipt {
          return { id: context.getAttempt() };
        }
      }
      @Implements(place)
      class Decorated {
        place(@Payload() _order: PlaceOrder, _ctx: FreelanceContext, user: string): Receipt {
          return { id: user.length };
        }
      }
      return [Context, Decorated];
    });
  });

  test('that takes more than callers may send, or nothing of it', () => {
    compiled(() => {
      @Implements(place)
      class Wider {
        place(order: { item: string | number; count?: unknown }): Receipt {
          return { id: Number(order.item) };
        }
      }
      @Implements(unions)
      class All {
        pick(letter: string): 1 | undefined {
          return letter === 'a' ? 1 : undefined;
        }
      }
      @Implements(flush)
      class Nothing {
        flush() {}
      }
      @Implements(cancelled)
      class Ignored {
        cancelled() {
          return 'whatever';
        }
      }
      return [Wider, All, Nothing, Ignored];
    });
  });

  test('that inherits its handlers, is abstract, or has a constructor with parameters', () => {
    compiled(() => {
      class Base {
        place(order: PlaceOrder): Receipt {
          return { id: order.item.length };
        }
      }
      @Implements(place)
      class Inherits extends Base {}
      @Implements(place)
      abstract class Abstract {
        abstract place(order: PlaceOrder): Receipt;
      }
      @Implements(place)
      class Injected {
        constructor(
          private readonly prices: Map<string, number>,
          protected readonly other: number,
        ) {}

        place(order: PlaceOrder): Receipt {
          return { id: this.prices.get(order.item) ?? this.other };
        }
      }
      return [Inherits, Abstract, Injected];
    });
  });

  test('whose handlers get what schemas yield, and return what their schemas take', () => {
    compiled(() => {
      @Implements(schemas)
      class Checked implements ContractHandlers<typeof schemas> {
        add(data: { count: number }) {
          return { sum: String(data.count) };
        }

        told({ count: told }: { count: number }) {
          told.toFixed();
        }

        async *sums() {
          yield Promise.resolve(1);
        }

        half(given: number): Receipt {
          return { id: given / 2 };
        }
      }
      return Checked;
    });
    type Handlers = ContractHandlers<typeof schemas>;
    expectTypeOf<Parameters<Handlers['add']>[0]>().toEqualTypeOf<{ count: number }>();
    expectTypeOf<Parameters<Handlers['half']>[0]>().toEqualTypeOf<number>();
    expectTypeOf<Parameters<Handlers['sums']>[0]>().toEqualTypeOf<void>();
  });

  test('that implements two contracts', () => {
    compiled(() => {
      @Implements(place)
      @Implements(cancelled)
      class Both {
        place(): Receipt {
          return { id: 1 };
        }

        cancelled(_id: number) {}
      }
      return Both;
    });
  });
});

describe('the compiler refuses a controller', () => {
  test('that misses a handler, or hides it', () => {
    compiled(() => {
      // @ts-expect-error -- there is no place
      @Implements(place)
      class Missing {}
      // @ts-expect-error -- Nest cannot call it
      @Implements(place)
      class Private {
        private place(): Receipt {
          return { id: 1 };
        }

        other() {
          return this.place();
        }
      }
      // @ts-expect-error -- it is no method
      @Implements(place)
      class Data {
        place = 1;
      }
      return [Missing, Private, Data];
    });
  });

  test('whose handler wants more than callers send', () => {
    compiled(() => {
      // @ts-expect-error -- a caller may leave out count
      @Implements(place)
      class Optional {
        place(order: Required<PlaceOrder>): Receipt {
          return { id: order.count };
        }
      }
      // @ts-expect-error -- no caller sends more
      @Implements(place)
      class Narrower {
        place(order: PlaceOrder & { more: string }): Receipt {
          return { id: order.more.length };
        }
      }
      // @ts-expect-error -- a caller may pick b
      @Implements(unions)
      class Half {
        pick(_letter: 'a'): 1 {
          return 1;
        }
      }
      // @ts-expect-error -- callers pass nothing
      @Implements(flush)
      class Something {
        flush(_what: string) {}
      }
      // @ts-expect-error -- the schema yields a number
      @Implements(contract('orders', { told: event({ payload: count }) }))
      class Raw {
        told(_count: string) {}
      }
      return [Optional, Narrower, Half, Something, Raw];
    });
  });

  test('whose handler inherits a wrong payload', () => {
    compiled(() => {
      class Base {
        place(order: { item: number }): Receipt {
          return { id: order.item };
        }
      }
      // @ts-expect-error -- item is a string
      @Implements(place)
      class Inherits extends Base {}
      return Inherits;
    });
  });

  test('whose result is not what the contract says', () => {
    compiled(() => {
      // @ts-expect-error -- id is a number
      @Implements(place)
      class Wrong {
        place() {
          return { id: '1' };
        }
      }
      // @ts-expect-error -- id is a number, later as well
      @Implements(place)
      class Later {
        async place() {
          return Promise.resolve({ id: '1' });
        }
      }
      // @ts-expect-error -- callers would get a result in place of nothing
      @Implements(flush)
      class TooMuch {
        flush() {
          return 1;
        }
      }
      // @ts-expect-error -- callers would get nothing in place of a result
      @Implements(place)
      class Nothing {
        place() {}
      }
      // @ts-expect-error -- undefined is no Receipt
      @Implements(place)
      class Perhaps {
        place(order: PlaceOrder): Receipt | undefined {
          return order.count === 0 ? undefined : { id: 1 };
        }
      }
      // @ts-expect-error -- the schema of the result takes text
      @Implements(contract('orders', { sum: rpc({ result: count }) }))
      class Yielded {
        sum() {
          return 1;
        }
      }
      return [Wrong, Later, TooMuch, Nothing, Perhaps, Yielded];
    });
  });

  test('whose stream is none, or one of other values', () => {
    compiled(() => {
      // @ts-expect-error -- one value is no stream
      @Implements(list)
      class One {
        list(): Receipt {
          return { id: 1 };
        }
      }
      // @ts-expect-error -- a list is one value
      @Implements(list)
      class List {
        list(): Receipt[] {
          return [];
        }
      }
      // @ts-expect-error -- id is a number
      @Implements(list)
      class Other {
        async *list() {
          yield Promise.resolve({ id: '1' });
        }
      }
      // @ts-expect-error -- an rpc has one result
      @Implements(place)
      class Many {
        async *place() {
          yield Promise.resolve({ id: 1 });
        }
      }
      return [One, List, Other, Many];
    });
  });

  test('whose second parameter is not the context', () => {
    compiled(() => {
      // @ts-expect-error -- the context is second
      @Implements(place)
      class Second {
        place(_order: PlaceOrder, user: string): Receipt {
          return { id: user.length };
        }
      }
      return Second;
    });
  });
});
