import {
  type ArgumentsHost,
  type CallHandler,
  type CanActivate,
  Catch,
  Controller,
  createParamDecorator,
  type ExecutionContext,
  Injectable,
  Logger,
  type NestInterceptor,
  Scope,
  type Type,
  UseFilters,
  UseGuards,
  UseInterceptors,
} from '@nestjs/common';
import { MessagePattern, Payload, RpcException } from '@nestjs/microservices';
import {
  type FreelanceClientProxy,
  type FreelanceContext,
  type FreelanceInfo,
  FreelanceRecordBuilder,
} from 'nestjs-freelance';
import { contract, ContractError, event, Implements, rpc, stream } from 'nestjs-freelance/contract';
import { randomUUID } from 'node:crypto';
import {
  firstValueFrom,
  interval,
  lastValueFrom,
  map,
  Observable,
  throwError,
  toArray,
} from 'rxjs';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { z } from 'zod';
import { eventually } from '../support/eventually.js';
import { KeepingLogger } from '../support/keeping-logger.js';
import { connectTo, serve } from '../support/nest.js';
import { serveBoth } from '../support/parity.js';

const Count = z.object({ count: z.string().transform(Number) });

const orders = contract('orders', {
  place: rpc({
    payload: z.object({ items: z.array(Count) }),
    result: z.object({ total: z.number() }),
    atMostOnce: true,
    description: 'Places an order',
  }),
  list: stream({ payload: z.object({ upTo: z.number() }), result: z.number().max(9000) }),
  prices: stream({ result: z.number().max(3) }),
  cancelled: event({ payload: Count }),
  plain: rpc<number[], number>({ pattern: { cmd: 'sum' } }),
  fail: rpc<string>(),
});

const heard: unknown[] = [];
const log = new KeepingLogger();

beforeEach(() => {
  heard.length = 0;
  log.lines.length = 0;
});

afterEach(() => {
  Logger.overrideLogger(['error', 'fatal']);
});

@Controller()
@Implements(orders)
class OrdersController {
  /** Of `list`: the latest value that it has yielded, and whether its clean-up ran. */
  static latest = 0;
  static hasEnded = false;

  place(order: { items: { count: number }[] }, context: FreelanceContext) {
    heard.push(order, context.getPattern());
    const total = order.items.reduce((sum, { count }) => sum + count, 0);
    // What TypeScript would not let through.
    return { total: total === 13 ? (String(total) as unknown as number) : total };
  }

  async *list({ upTo }: { upTo: number }) {
    OrdersController.hasEnded = false;
    try {
      for (let value = 1; value <= upTo; value++) {
        OrdersController.latest = value;
        yield Promise.resolve(value);
      }
    } finally {
      OrdersController.hasEnded = true;
    }
  }

  prices(): Observable<number> {
    return interval(1).pipe(map((step) => step + 1));
  }

  cancelled(data: { count: number }) {
    heard.push(data);
  }

  plain(numbers: number[]) {
    return numbers.reduce((sum, number) => sum + number, 0);
  }

  fail(what: string): void {
    throw new RpcException(what);
  }
}

async function connected(
  controllers: Type[],
  run: (client: FreelanceClientProxy) => Promise<void>,
): Promise<void> {
  await using server = await serve(controllers, { bind: `inproc://${randomUUID()}` });
  // The app has its own logger.
  Logger.overrideLogger(log);
  using client = connectTo(server.endpoints);
  await run(client);
}

const failureOf = (call: Observable<unknown>): Promise<unknown> =>
  lastValueFrom(call).then(
    (value) => expect.fail(`got ${JSON.stringify(value)}`),
    (error: unknown) => error,
  );

describe('the handlers of a contract', () => {
  test('answer plain sends, and get what the schema makes of the payload, and the context', async () => {
    await connected([OrdersController], async (client) => {
      const sent = client.send('orders.place', { items: [{ count: '1' }, { count: '2' }] });
      expect(await lastValueFrom(sent)).toEqual({ total: 3 });
      expect(heard).toEqual([{ items: [{ count: 1 }, { count: 2 }] }, 'orders.place']);
      expect(await lastValueFrom(client.send({ cmd: 'sum' }, [1, 2]))).toBe(3);
      expect(await failureOf(client.send('orders.fail', 'mine'))).toEqual({
        status: 'error',
        message: 'mine',
      });
    });
  });

  test('do not run with an invalid payload: the caller gets the issues and their paths', async () => {
    await connected([OrdersController], async (client) => {
      const sent = client.send('orders.place', { items: [{ count: '1' }, { count: 2 }] });
      expect(await failureOf(sent)).toEqual({
        status: 'error',
        code: 'INVALID_PAYLOAD',
        message:
          'orders.place: the payload is invalid: items.1.count: Invalid input: expected string, received number',
        contract: 'orders',
        entry: 'place',
        issues: [
          {
            message: 'Invalid input: expected string, received number',
            path: ['items', 1, 'count'],
          },
        ],
      });
      expect(heard).toEqual([]);
      expect(log.of('Contract')).toEqual([]);
    });
  });

  test('whose results are invalid fail, and the log says why', async () => {
    await connected([OrdersController], async (client) => {
      const error = await failureOf(client.send('orders.place', { items: [{ count: '13' }] }));
      expect(error).toMatchObject({
        code: 'INVALID_RESULT',
        entry: 'place',
        issues: [{ path: ['total'] }],
      });
      expect(log.of('Contract')).toEqual([
        'error [Contract] orders.place: the result is invalid: total: Invalid input: expected number, received string',
      ]);
    });
  });

  test('yield no value that is invalid: the stream breaks there, and its source ends', async () => {
    await connected([OrdersController], async (client) => {
      const values: number[] = [];
      const prices = client.send<number>('orders.prices', {});
      const error = await failureOf(
        new Observable((subscriber) =>
          prices.subscribe({
            next: (value) => values.push(value),
            error: (failure: unknown) => subscriber.error(failure),
          }),
        ),
      );
      expect(values).toEqual([1, 2, 3]);
      expect(error).toMatchObject({ code: 'INVALID_RESULT', entry: 'prices' });

      const list = client.iterate<number>('orders.list', { upTo: 10_000 });
      let last = 0;
      const read = async () => {
        for await (const value of list) last = value;
      };
      await expect(read()).rejects.toMatchObject({ code: 'INVALID_RESULT', entry: 'list' });
      expect(last).toBe(9000);
      expect(OrdersController.hasEnded).toBe(true);
    });
  });

  test('stream as slowly as they are read, and end when the caller leaves', async () => {
    await connected([OrdersController], async (client) => {
      let read = 0;
      for await (const _ of client.iterate<number>('orders.list', { upTo: 9000 })) {
        if (++read === 5000) break;
        // The window of one call, as without a contract.
        expect(OrdersController.latest - read).toBeLessThanOrEqual(1024 + 1);
      }
      await eventually(() => expect(OrdersController.hasEnded).toBe(true));
      expect(OrdersController.latest).toBeLessThanOrEqual(5000 + 1024 + 1);
    });
  });

  test('hear events, except invalid ones', async () => {
    await connected([OrdersController], async (client) => {
      await lastValueFrom(client.emit('orders.cancelled', { count: [] }), { defaultValue: null });
      await lastValueFrom(client.emit('orders.cancelled', { count: '7' }), { defaultValue: null });
      await eventually(() => expect(heard).toEqual([{ count: 7 }]));
      // Nobody else hears of it.
      expect(log.of('Contract')).toEqual([
        'error [Contract] orders.cancelled: the payload is invalid: count: Invalid input: expected string, received array',
      ]);
    });
  });

  test('are what the server says of itself, with atMostOnce and descriptions', async () => {
    await connected([OrdersController], async (client) => {
      const { patterns } = await firstValueFrom(client.send<FreelanceInfo>('$freelance.info', {}));
      expect(patterns).toEqual([
        { pattern: 'orders.cancelled', kind: 'event', atMostOnce: false },
        { pattern: 'orders.fail', kind: 'call', atMostOnce: false },
        { pattern: 'orders.list', kind: 'call', atMostOnce: false },
        {
          pattern: 'orders.place',
          kind: 'call',
          atMostOnce: true,
          description: 'Places an order',
        },
        { pattern: 'orders.prices', kind: 'call', atMostOnce: false },
        { pattern: '{"cmd":"sum"}', kind: 'call', atMostOnce: false },
      ]);
    });
  });
});

test('the same controller serves a contract over the TCP transport of Nest alike', async () => {
  await using both = await serveBoth({ controllers: [OrdersController] });
  expect(await both.outcome('orders.place', { items: [{ count: '1' }] })).toEqual({
    values: [{ total: 1 }],
  });
  const { values, error } = await both.outcome('orders.place', { items: 1 });
  expect(values).toEqual([]);
  expect(error).toMatchObject({ code: 'INVALID_PAYLOAD', contract: 'orders', entry: 'place' });
});

test('a controller may be made anew for each call', async () => {
  let made = 0;

  @Controller({ scope: Scope.REQUEST })
  @Implements(contract('scoped', { which: rpc({ payload: Count, result: z.number() }) }))
  class ScopedController {
    readonly #number = ++made;

    which({ count }: { count: number }): number {
      return this.#number * count;
    }
  }

  await connected([ScopedController], async (client) => {
    expect(await lastValueFrom(client.send('scoped.which', { count: '10' }))).toBe(10);
    expect(await lastValueFrom(client.send('scoped.which', { count: '10' }))).toBe(20);
  });
});

const User = createParamDecorator((_: unknown, context: ExecutionContext) => {
  const [, freelance] = context.getArgs<[unknown, FreelanceContext]>();
  return freelance.getMetadata()['user'];
});

const greetings = contract('greetings', {
  greet: rpc({ payload: z.object({ word: z.string() }), result: z.string().max(20) }),
  count: stream({ payload: z.number(), result: z.number().max(2) }),
});

describe('around the handlers of a contract', () => {
  @Injectable()
  class Greeter {
    greet(word: string, user: string | undefined): string {
      return `${word}, ${user ?? 'nobody'}`;
    }
  }

  class Members implements CanActivate {
    canActivate(context: ExecutionContext): boolean {
      // The raw payload: guards run before pipes.
      heard.push(context.switchToRpc().getData());
      return context.switchToRpc().getContext<FreelanceContext>().getMetadata()['user'] !== 'none';
    }
  }

  class Envelope implements NestInterceptor {
    intercept(context: ExecutionContext, next: CallHandler) {
      heard.push(`before ${context.getHandler().name}`);
      return next
        .handle()
        .pipe(map((value: unknown) => (typeof value === 'string' ? { value } : value)));
    }
  }

  @Catch(ContractError)
  class Shorter {
    catch(error: ContractError, _host: ArgumentsHost) {
      return throwError(() => ({ code: error.code, own: true }));
    }
  }

  @Controller()
  @UseFilters(Shorter)
  @Implements(greetings)
  class GreetingsController {
    constructor(private readonly greeter: Greeter) {}

    @UseGuards(Members)
    @UseInterceptors(Envelope)
    @MessagePattern('greet')
    greet(
      @Payload() { word }: { word: string },
      _context: FreelanceContext,
      @User() user?: string,
    ) {
      heard.push(_context.getPattern());
      return this.greeter.greet(word, user);
    }

    async *count(upTo: number) {
      for (let value = 1; value <= upTo; value++) yield Promise.resolve(value);
    }
  }

  const greet = (word: unknown, user: string, pattern = 'greetings.greet') =>
    [pattern, new FreelanceRecordBuilder({ word }).setMetadata({ user }).build()] as const;

  async function greeting(run: (client: FreelanceClientProxy) => Promise<void>) {
    await using server = await serve([GreetingsController], { bind: `inproc://${randomUUID()}` }, [
      Greeter,
    ]);
    using client = connectTo(server.endpoints);
    await run(client);
  }

  test('guards, interceptors, decorated parameters and injected services work as ever', async () => {
    await greeting(async (client) => {
      const call = client.send(...greet('Hello', 'Ann'));
      // The result is checked before an interceptor of the user's wraps it.
      expect(await lastValueFrom(call)).toEqual({ value: 'Hello, Ann' });
      expect(heard).toEqual([{ word: 'Hello' }, 'before greet', 'greetings.greet']);
      expect(await failureOf(client.send(...greet('Hello', 'none')))).toMatchObject({
        message: 'Forbidden resource',
      });
    });
  });

  test('a pattern that the method had before is served as well', async () => {
    await greeting(async (client) => {
      const call = client.send(...greet('Hello', 'Ann', 'greet'));
      expect(await lastValueFrom(call)).toEqual({ value: 'Hello, Ann' });
      expect(await failureOf(client.send(...greet(7, 'Ann', 'greet')))).toMatchObject({
        own: true,
      });
    });
  });

  test('filters catch a ContractError', async () => {
    await greeting(async (client) => {
      expect(await failureOf(client.send(...greet(7, 'Ann')))).toEqual({
        code: 'INVALID_PAYLOAD',
        own: true,
      });
      expect(await failureOf(client.send(...greet('A word of many letters', 'Ann')))).toEqual({
        code: 'INVALID_RESULT',
        own: true,
      });
    });
  });

  test('an async iterable stays paced, and its errors pass the filters by, as ever', async () => {
    await greeting(async (client) => {
      const values = client.send<number>('greetings.count', 2).pipe(toArray());
      expect(await lastValueFrom(values)).toEqual([1, 2]);
      expect(await failureOf(client.send('greetings.count', 3))).toMatchObject({
        code: 'INVALID_RESULT',
        contract: 'greetings',
      });
    });
  });
});
