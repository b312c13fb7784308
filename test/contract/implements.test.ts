import {
  Controller,
  createParamDecorator,
  type ExecutionContext,
  Module,
  type Type,
} from '@nestjs/common';
import { NestFactory } from '@nestjs/core';
import {
  Ctx,
  EventPattern,
  GrpcMethod,
  MessagePattern,
  Payload,
  Server,
  Transport,
} from '@nestjs/microservices';
import type { FreelanceContext } from 'nestjs-freelance';
import { firstValueFrom, isObservable } from 'rxjs';
import { afterEach, describe, expect, test, vi } from 'vitest';
import { z } from 'zod';
import { contract } from '../../lib/contract/contract.js';
import { event, rpc, stream } from '../../lib/contract/entries.js';
import { Implements } from '../../lib/contract/implements.js';

const orders = contract('orders', { place: rpc<string, string>() });
const cancelled = contract('orders', { cancelled: event<string>() });

/** As JavaScript can: past the compiler. */
const implement = (target: unknown, of: unknown = orders, options?: unknown) =>
  (Implements as (...args: unknown[]) => (target: unknown) => void)(of, options)(target);

/** All that a handler got. */
const told = (...args: unknown[]) => args.map(String).join();

const badOptions = (message: string) => expect.objectContaining({ code: 'BAD_OPTIONS', message });

/** Keeps the handlers that Nest has found. */
class Handlers extends Server {
  override readonly transportId = Symbol('test');
  override on(): void {}
  override unwrap<T>(): T {
    return undefined as T;
  }
  override listen(done: () => void): void {
    done();
  }
  override close(): void {}

  async call(pattern: string, data?: unknown, context?: unknown): Promise<unknown> {
    const result: unknown = await this.getHandlerByPattern(pattern)?.(data, context);
    return isObservable(result) ? firstValueFrom(result) : result;
  }

  get patterns(): string[] {
    return [...this.getHandlers().keys()].toSorted();
  }
}

async function handlersOf(controllers: Type[]): Promise<Handlers> {
  @Module({ controllers })
  class TestModule {}

  const strategy = new Handlers();
  const app = await NestFactory.createMicroservice(TestModule, { strategy, logger: false });
  await app.listen();
  await app.close();
  return strategy;
}

const Second = createParamDecorator(
  (_: unknown, context: ExecutionContext) => `second of ${String(context.getArgs()[0])}`,
);

describe('a handler gets', () => {
  test('the payload and the context, without a decorator on either', async () => {
    @Controller()
    @Implements(orders)
    class OrdersController {
      place(data: string, context: FreelanceContext) {
        return told(data, context);
      }
    }
    const handlers = await handlersOf([OrdersController]);
    expect(await handlers.call('orders.place', 'data', 'context')).toBe('data,context');
  });

  test('the context, also if its parameter has a default', async () => {
    @Controller()
    @Implements(orders)
    class OrdersController {
      place(data = 'nothing', ...rest: unknown[]) {
        return told(data, ...rest);
      }
    }
    const handlers = await handlersOf([OrdersController]);
    expect(await handlers.call('orders.place', 'data', 'context')).toBe('data,context');
  });

  test('what decorators give to the parameters behind them', async () => {
    @Controller()
    @Implements(orders)
    class OrdersController {
      place(@Payload() data: string, context: FreelanceContext, @Second() second?: string) {
        return told(data, context, second);
      }
    }
    const handlers = await handlersOf([OrdersController]);
    const result = await handlers.call('orders.place', 'data', 'context');
    expect(result).toBe('data,context,second of data');
  });

  test('what a pipe of its parameter makes of it', async () => {
    const upper = { transform: (value: string) => value.toUpperCase() };

    @Controller()
    @Implements(
      contract('orders', { place: rpc({ payload: z.string().trim(), result: z.string() }) }),
    )
    class OrdersController {
      place(@Payload(upper) data: string, @Ctx() context: FreelanceContext) {
        return told(data, context);
      }
    }
    const handlers = await handlersOf([OrdersController]);
    expect(await handlers.call('orders.place', ' data ', ' context ')).toBe('DATA, context ');
  });
});

describe('a class that inherits its handlers', () => {
  class Base {
    readonly name: string = 'base';

    place(data: string) {
      return `${this.name} ${data}`;
    }
  }

  test('has handlers of its own: the base class and its other classes stay as they were', async () => {
    @Controller()
    @Implements(orders)
    class OrdersController extends Base {
      override readonly name = 'orders';
    }
    @Controller()
    @Implements(contract('others', { place: rpc<string, string>() }))
    class OthersController extends Base {
      override readonly name = 'others';
    }
    @Controller()
    class PlainController extends Base {}

    const handlers = await handlersOf([OrdersController, OthersController, PlainController]);
    expect(handlers.patterns).toEqual(['orders.place', 'others.place']);
    expect(await handlers.call('orders.place', '1')).toBe('orders 1');
    expect(await handlers.call('others.place', '1')).toBe('others 1');
    expect(OrdersController.prototype).toHaveProperty('place.name', 'place');
    expect(OrdersController.prototype).toHaveProperty('place.length', 1);
    expect(Object.keys(OrdersController.prototype)).toEqual([]);
  });

  test('calls the method that the base class has when it is called', async () => {
    @Controller()
    @Implements(orders)
    class OrdersController extends Base {}
    const handlers = await handlersOf([OrdersController]);
    using spy = vi.spyOn(Base.prototype, 'place').mockReturnValue('mocked');
    expect(await handlers.call('orders.place', '1')).toBe('mocked');
    expect(spy).toHaveBeenCalledWith('1', undefined);
  });

  test('inherits what decorators say of the method and its parameters', async () => {
    class Decorated {
      @MessagePattern('place')
      place(@Payload() data: string, @Ctx() context: unknown, @Second() second?: string) {
        return told(data, context, second);
      }
    }
    @Controller()
    @Implements(orders)
    class OrdersController extends Decorated {}
    const handlers = await handlersOf([OrdersController]);
    expect(handlers.patterns).toEqual(['orders.place', 'place']);
    expect(await handlers.call('place', 'a', 'b')).toBe('a,b,second of a');
    expect(await handlers.call('orders.place', 'a', 'b')).toBe('a,b,second of a');
  });

  test('may implement the contract again, and override some of it', async () => {
    const checked = contract('orders', {
      place: rpc({ payload: z.number().transform((value) => value + 1), result: z.number() }),
      list: rpc({ result: z.string() }),
    });

    @Implements(checked)
    class BaseController {
      place(value: number) {
        return value;
      }

      list() {
        return 'base';
      }
    }
    @Controller()
    @Implements(checked)
    class OrdersController extends BaseController {
      override list() {
        return 'own';
      }
    }
    const handlers = await handlersOf([OrdersController]);
    // Transformed once.
    expect(await handlers.call('orders.place', 1)).toBe(2);
    expect(await handlers.call('orders.list')).toBe('own');
  });
});

describe('results', () => {
  const numbers = contract('numbers', { text: rpc({ result: z.number() }) });

  async function textOf(options?: { readonly validateResults?: boolean }): Promise<unknown> {
    class NumbersController {
      text() {
        return 'text' as unknown as number;
      }
    }
    Implements(numbers, options)(NumbersController);
    Controller()(NumbersController);
    const handlers = await handlersOf([NumbersController]);
    return handlers.call('numbers.text');
  }

  afterEach(() => {
    vi.unstubAllEnvs();
  });

  test('are checked, unless this is production or the option says so', async () => {
    const refused = expect.objectContaining({ code: 'INVALID_RESULT' });
    await expect(textOf()).rejects.toEqual(refused);
    expect(await textOf({ validateResults: false })).toBe('text');
    vi.stubEnv('NODE_ENV', 'production');
    expect(await textOf()).toBe('text');
    await expect(textOf({ validateResults: true })).rejects.toEqual(refused);
  });
});

describe('a method that has a pattern already', () => {
  test('is not served twice if that is the same', async () => {
    let runs = 0;

    @Controller()
    @Implements(cancelled)
    class OrdersController {
      @EventPattern('orders.cancelled')
      cancelled(_id: string) {
        return ++runs;
      }
    }
    const handlers = await handlersOf([OrdersController]);
    await handlers.call('orders.cancelled');
    expect(runs).toBe(1);
  });

  test('keeps its transport: others do not serve the entry', async () => {
    @Controller()
    @Implements(orders)
    class OrdersController {
      @MessagePattern(['place', { cmd: 'place' }], Transport.TCP)
      place() {
        return 'placed';
      }
    }
    expect((await handlersOf([OrdersController])).patterns).toEqual([]);
  });

  test('must have one of its kind', () => {
    class Called {
      @MessagePattern('cancelled')
      cancelled() {}
    }
    class Told {
      @EventPattern('place')
      place(_data: string) {}
    }
    class Remote {
      @GrpcMethod('Orders', 'Place')
      place() {}
    }
    expect(() => implement(Called, cancelled)).toThrow(
      badOptions(
        '@Implements(orders) on Called, entry cancelled: it is an event, but its method has @MessagePattern. Remove that, or make the entry an rpc.',
      ),
    );
    expect(() => implement(Told)).toThrow(
      badOptions(
        '@Implements(orders) on Told, entry place: it is a call, but its method has @EventPattern. Remove that, or make the entry an event.',
      ),
    );
    expect(() => implement(Remote)).toThrow(
      badOptions(
        '@Implements(orders) on Remote, entry place: its method is for gRPC alone. Give the contract a method of its own.',
      ),
    );
  });
});

/** As mixins of TypeScript's handbook do. */
function copyMethod(
  from: { prototype: object },
  key: string,
  to: { prototype: object },
  as: string,
) {
  const descriptor = Object.getOwnPropertyDescriptor(from.prototype, key) ?? {};
  Object.defineProperty(to.prototype, as, descriptor);
}

describe('a class is refused when it is made', () => {
  const placeOf = (target: { name: string }, message: string) =>
    badOptions(`@Implements(orders) on ${target.name}, entry place: ${message}.`);

  test('if it has no such method', () => {
    class Other {
      other() {}
    }
    class Property {
      place = () => 'placed';
    }
    class Inherited extends Property {}
    for (const target of [Other, Property, Inherited]) {
      expect(() => implement(target)).toThrow(
        placeOf(
          target,
          'there is no method place. Add one; Nest does not see functions that are kept in properties',
        ),
      );
    }
  });

  test('if it has the name, but not as a method', () => {
    class Accessor {
      get place() {
        return () => 'placed';
      }
    }
    expect(() => implement(Accessor)).toThrow(
      placeOf(Accessor, 'place is not a method, so Nest does not see it'),
    );
  });

  test('if some parameters are decorated, and the first is not', () => {
    class Some {
      place(_data: string, @Ctx() _context: unknown) {}
    }
    expect(() => implement(Some)).toThrow(
      placeOf(
        Some,
        'some parameters are decorated, but the first is not. Decorate it with @Payload(), or none',
      ),
    );
  });

  test('if the first parameter is something else, or a part of the payload', () => {
    class Context {
      place(@Ctx() _context: unknown, @Payload() _data: string) {}
    }
    class Custom {
      place(@Second() _second: string) {}
    }
    class Part {
      place(@Payload('item') _item: string) {}
    }
    for (const target of [Context, Custom]) {
      expect(() => implement(target)).toThrow(
        placeOf(target, 'the first parameter has to be the payload: @Payload()'),
      );
    }
    expect(() => implement(Part)).toThrow(
      placeOf(Part, 'the first parameter is "item" of the payload. Take the whole: @Payload()'),
    );
  });

  test('if another parameter is the payload, too', () => {
    class Twice {
      place(@Payload() _data: string, @Ctx() _context: unknown, @Payload('id') _id: string) {}
    }
    expect(() => implement(Twice)).toThrow(
      placeOf(
        Twice,
        'parameter 3 is a payload, too. Only the first can be, which is checked as a whole',
      ),
    );
  });

  test('if a parameter would get nothing', () => {
    class Three {
      place(_data: string, _context: unknown, _more: string) {}
    }
    class Behind {
      place(@Payload() _data: string, _context: unknown, _more: string, @Second() _s: string) {}
    }
    for (const target of [Three, Behind]) {
      expect(() => implement(target)).toThrow(
        placeOf(
          target,
          'parameter 3 has no decorator, so Nest would pass nothing. Only the payload and the context, first and second, go without one',
        ),
      );
    }
  });

  test('if two contracts share a method', () => {
    class Both {
      place() {}
    }
    implement(Both);
    class Inherits extends Both {}
    const others = contract('others', { place: stream<string, string>() });
    for (const target of [Both, Inherits]) {
      expect(() => implement(target, others)).toThrow(
        badOptions(
          `@Implements(others) on ${target.name}, entry place: its method handles orders.place as well. Rename one of the entries, and set its option pattern to keep its pattern.`,
        ),
      );
    }
  });

  test('if another contract has the same name, as another version does', () => {
    class One {
      place() {}
    }
    implement(One);
    class Two extends One {}
    const second = contract('orders', { place: rpc<number, number>() });
    for (const target of [One, Two]) {
      expect(() => implement(target, second)).toThrow(
        placeOf(
          target,
          'its method handles orders.place of another contract, or of another copy of this one. Give them different names, or load one copy',
        ),
      );
    }
  });

  test('if two entries, or two classes, have one function for a method', () => {
    class Alias {
      place() {}
      put() {}
    }
    copyMethod(Alias, 'place', Alias, 'put');
    const two = contract('two', { place: rpc(), put: rpc() });
    expect(() => implement(Alias, two)).toThrow(
      badOptions(
        '@Implements(two) on Alias, entry put: its method handles two.place as well. Give each a method of its own.',
      ),
    );
    class Mixed {
      place() {}
    }
    class Copy {
      place: unknown;
    }
    copyMethod(Mixed, 'place', Copy, 'place');
    implement(Mixed);
    expect(() => implement(Copy)).toThrow(
      placeOf(
        Copy,
        'its method is that of Mixed, as the same function. Inherit it, or write one that calls it',
      ),
    );
  });

  test('if the decorator is there twice', () => {
    class Twice {
      place() {}
    }
    implement(Twice);
    expect(() => implement(Twice)).toThrow(
      placeOf(Twice, 'the decorator is there twice. Remove one'),
    );
  });
});

describe('@Implements refuses', () => {
  class Good {
    place() {}
  }

  test.each([null, 'orders', {}, { name: 'orders', entries: {} }])(
    'what is no contract: %j',
    (value) => {
      expect(() => implement(Good, value)).toThrow(
        /^@Implements\(\) takes a contract, as contract\(\) returns it, but got [^:]+\.$/,
      );
    },
  );

  test('a contract that is not there yet', () => {
    expect(() => Implements(undefined as never)).toThrow(
      badOptions(
        '@Implements() takes a contract, as contract() returns it, but got undefined: files that import each other in a circle see that.',
      ),
    );
  });

  test('to decorate anything but a class', () => {
    const decorate = Implements(orders) as (...args: unknown[]) => void;
    const arrow = () => {};
    const inst = { place() {} };
    for (const target of [arrow, inst, undefined]) {
      expect(() => decorate(target)).toThrow(
        /^@Implements\(orders\) is for a class, but decorates /,
      );
    }
    // A prototype, or of a static method the class.
    for (const target of [inst, Good]) {
      expect(() => decorate(target, 'place', {})).toThrow(
        badOptions('@Implements(orders) is for a class, but decorates "place".'),
      );
    }
  });

  test('to be one of ECMAScript’s decorators, which a compiler makes of it unless told otherwise', () => {
    const decorate = Implements(orders) as (...args: unknown[]) => void;
    expect(() => decorate(Good, { kind: 'class', name: 'Good' })).toThrow(
      badOptions(
        "@Implements(orders) on Good: all decorators of Nest need the compiler's option experimentalDecorators. Set it in tsconfig.json.",
      ),
    );
  });

  test('options that it does not have, or of another kind', () => {
    expect(() => implement(Good, orders, { validate: true })).toThrow(
      badOptions(
        '@Implements(orders): there is no option "validate". The options are validateResults.',
      ),
    );
    expect(() => implement(Good, orders, { validateResults: 'yes' })).toThrow(
      badOptions('@Implements(orders): validateResults must be true or false, but is "yes".'),
    );
    expect(() => implement(Good, orders, true)).toThrow(
      badOptions('@Implements(orders): options must be an object, but are true.'),
    );
  });
});
