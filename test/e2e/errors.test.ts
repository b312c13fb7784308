import {
  type ArgumentsHost,
  Catch,
  Controller,
  type ExceptionFilter,
  ForbiddenException,
  type RpcExceptionFilter,
  UseFilters,
} from '@nestjs/common';
import {
  BaseRpcExceptionFilter,
  ClientTCP,
  MessagePattern,
  Payload,
  RpcException,
} from '@nestjs/microservices';
import { FreelanceClientProxy } from 'nestjs-freelance';
import { concat, type Observable, of, throwError } from 'rxjs';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { closing, outcomeOf, type Parity, serveBoth } from '../support/parity.js';

class OrderError extends Error {}
class StockError extends Error {}
class PriceError extends Error {}

class TeapotException extends RpcException {
  constructor() {
    super({ code: 'TEAPOT', message: 'short and stout' });
  }
}

/** Names itself and the exception, so that a test sees which filter caught it. */
function told(by: string, exception: Error, host: ArgumentsHost): Observable<never> {
  const data = host.switchToRpc().getData<unknown>();
  return throwError(() => ({ by, message: exception.message, data, type: host.getType() }));
}

@Catch(OrderError)
class HandlerFilter implements RpcExceptionFilter<OrderError> {
  catch(exception: OrderError, host: ArgumentsHost) {
    return told('handler', exception, host);
  }
}

@Catch(OrderError, StockError)
class ControllerFilter implements RpcExceptionFilter<Error> {
  catch(exception: Error, host: ArgumentsHost) {
    return told('controller', exception, host);
  }
}

@Catch(OrderError, StockError, PriceError)
class GlobalFilter implements RpcExceptionFilter<Error> {
  catch(exception: Error, host: ArgumentsHost) {
    return told('global', exception, host);
  }
}

@Catch()
class RecoveringFilter implements RpcExceptionFilter<unknown> {
  catch() {
    return of('instead', 'of the error');
  }
}

@Catch()
class ValueFilter implements ExceptionFilter {
  catch() {
    return 'a plain value';
  }
}

@Catch()
class FailingFilter implements ExceptionFilter {
  catch(): never {
    throw new RpcException('the filter itself failed');
  }
}

@Catch()
class PassingFilter implements RpcExceptionFilter<unknown> {
  catch(exception: unknown) {
    return throwError(() => exception);
  }
}

@Catch()
class InheritingFilter extends BaseRpcExceptionFilter {
  override catch(exception: unknown, host: ArgumentsHost): Observable<unknown> {
    return super.catch(new RpcException(`more of: ${(exception as Error).message}`), host);
  }
}

/** The data of a call selects how its handler fails. */
const WAYS: Readonly<Record<string, () => unknown>> = {
  'RpcException of text': () => new RpcException('no such order'),
  'RpcException of no text': () => new RpcException(''),
  'RpcException of an object': () => new RpcException({ code: 17, details: [{ a: null }] }),
  'RpcException of an array': () => new RpcException(['first', 'second']),
  'RpcException subclass': () => new TeapotException(),
  Error: () => new Error('secret'),
  TypeError: () => new TypeError('secret'),
  HttpException: () => new ForbiddenException('secret'),
  text: () => 'secret',
  'an object': () => ({ message: 'secret' }),
  null: () => null,
  undefined: () => undefined,
};

@Controller()
class FailingController {
  @MessagePattern('throws')
  throws(@Payload() way: string) {
    throw WAYS[way]?.();
  }

  @MessagePattern('rejects')
  async rejects(@Payload() way: string) {
    await Promise.resolve();
    throw WAYS[way]?.();
  }

  @MessagePattern('fails')
  fails(@Payload() way: string) {
    return throwError(() => WAYS[way]?.());
  }

  @MessagePattern('fails after values')
  failsAfterValues(@Payload() way: string) {
    return concat(
      of(1, 2),
      throwError(() => WAYS[way]?.()),
    );
  }

  /** Nest's TCP transport cannot do this: it sends the generator as an object. */
  @MessagePattern('generates, then fails')
  async *generates(@Payload() way: string) {
    yield* [1, 2];
    await Promise.resolve();
    throw WAYS[way]?.();
  }

  @MessagePattern('promises a stream that fails after values')
  async promisesFailure(@Payload() way: string) {
    return Promise.resolve(this.failsAfterValues(way));
  }
}

@Controller()
@UseFilters(new ControllerFilter())
class FilteredController {
  @UseFilters(new HandlerFilter())
  @MessagePattern('order')
  order() {
    throw new OrderError('order');
  }

  @UseFilters(new HandlerFilter())
  @MessagePattern('stock')
  stock() {
    throw new StockError('stock');
  }

  @UseFilters(HandlerFilter)
  @MessagePattern('price')
  price() {
    return concat(
      of('a value'),
      throwError(() => new PriceError('price')),
    );
  }

  @MessagePattern('unfiltered')
  unfiltered() {
    throw new Error('secret');
  }

  @UseFilters(RecoveringFilter)
  @MessagePattern('recovers')
  recovers() {
    throw new Error('secret');
  }

  @UseFilters(RecoveringFilter)
  @MessagePattern('recovers midway')
  recoversMidway() {
    return concat(
      of('before'),
      throwError(() => new Error('secret')),
    );
  }

  @UseFilters(ValueFilter)
  @MessagePattern('answers a value')
  answersValue() {
    throw new Error('secret');
  }

  @UseFilters(FailingFilter)
  @MessagePattern('filter fails')
  filterFails() {
    throw new Error('secret');
  }

  @UseFilters(InheritingFilter)
  @MessagePattern('inherits')
  inherits() {
    throw new Error('order 7');
  }
}

/** Here the filter passes the error itself to the transport. */
@Controller()
@UseFilters(PassingFilter)
class PassingController {
  @MessagePattern('passes')
  passes(@Payload() way: string) {
    throw PASSED[way]?.();
  }
}

function cyclic(): object {
  const error: Record<string, unknown> = {};
  error['self'] = error;
  return error;
}

const PASSED: Readonly<Record<string, () => unknown>> = {
  text: () => 'out of stock',
  'a number': () => 42,
  true: () => true,
  'an object': () => ({ code: 'E', nested: { a: [1] } }),
  'an Error': () => new Error('out of stock'),
  'an Error with members': () =>
    Object.assign(new Error('out of stock'), { code: 'STOCK', left: 0 }),
  'an Error with its own JSON': () =>
    Object.assign(new Error('out of stock'), { secret: 1, toJSON: () => ({ shown: 1 }) }),
  'an HttpException': () => new ForbiddenException('not yours'),
  'an RpcException of an object': () => new RpcException({ code: 17 }),
  null: () => null,
  undefined: () => undefined,
  zero: () => 0,
  'no text': () => '',
  'a cycle': cyclic,
};

let both: Parity;

beforeAll(async () => {
  both = await serveBoth(
    { controllers: [FailingController, FilteredController, PassingController] },
    (app) => app.useGlobalFilters(new GlobalFilter()),
  );
});

afterAll(() => both[Symbol.asyncDispose]());

const INTERNAL = { status: 'error', message: 'Internal server error' };

const SEEN: readonly [way: string, error: unknown][] = [
  ['RpcException of text', { status: 'error', message: 'no such order' }],
  ['RpcException of no text', { status: 'error', message: '' }],
  ['RpcException of an object', { code: 17, details: [{ a: null }] }],
  ['RpcException of an array', ['first', 'second']],
  ['RpcException subclass', { code: 'TEAPOT', message: 'short and stout' }],
  ['Error', INTERNAL],
  ['TypeError', INTERNAL],
  ['HttpException', INTERNAL],
  ['text', INTERNAL],
  ['an object', INTERNAL],
  ['null', INTERNAL],
  ['undefined', INTERNAL],
];

test.each(SEEN)('%s reaches the caller as over TCP, however it is thrown', async (way, error) => {
  expect(await both.outcome('throws', way)).toEqual({ values: [], error });
  expect(await both.outcome('rejects', way)).toEqual({ values: [], error });
  expect(await both.outcome('fails', way)).toEqual({ values: [], error });
});

test.each(SEEN)('%s after values arrives after those values', async (way, error) => {
  const values = [1, 2];
  expect(await both.outcome('fails after values', way)).toEqual({ values, error });
  expect(await both.outcome('promises a stream that fails after values', way)).toEqual({
    values,
    error,
  });
});

test.each(SEEN)(
  '%s thrown by a generator arrives as one thrown by an Observable',
  async (way, error) => {
    const outcome = await outcomeOf(both.freelance, 'generates, then fails', way);
    expect(outcome).toEqual({ values: [1, 2], error });
  },
);

test.each([
  ['handler', 'order', []],
  ['controller', 'stock', []],
  ['global', 'price', ['a value']],
])('the nearest matching filter handles the exception: the %s’s', async (by, name, values) => {
  expect(await both.outcome(name, { id: 7 })).toEqual({
    values,
    error: { by, message: name, data: { id: 7 }, type: 'rpc' },
  });
});

test('the caller learns nothing about an exception that no filter catches', async () => {
  expect(await both.outcome('unfiltered')).toEqual({ values: [], error: INTERNAL });
});

test('a filter may answer with values instead of an error', async () => {
  expect(await both.outcome('recovers')).toEqual({ values: ['instead', 'of the error'] });
  expect(await both.outcome('recovers midway')).toEqual({
    values: ['before', 'instead', 'of the error'],
  });
  expect(await both.outcome('answers a value')).toEqual({ values: ['a plain value'] });
});

test('a filter may extend Nest’s BaseRpcExceptionFilter', async () => {
  const error = { status: 'error', message: 'more of: order 7' };
  expect(await both.outcome('inherits')).toEqual({ values: [], error });
});

test('a filter that throws fails the call without details, while TCP never answers', async () => {
  expect(await outcomeOf(both.freelance, 'filter fails', {})).toEqual({
    values: [],
    error: INTERNAL,
  });
  expect(await both.outcome('recovers')).toEqual({ values: ['instead', 'of the error'] });
});

test.each(['text', 'a number', 'true', 'an object', 'an Error with its own JSON'])(
  '%s that a filter passes on arrives as over TCP',
  async (way) => {
    const { error, values } = await both.outcome('passes', way);
    expect(error).toBeTruthy();
    expect(values).toEqual([]);
  },
);

test.each([
  ['an Error', 'out of stock'],
  ['an Error with members', 'out of stock'],
  ['an HttpException', 'not yours'],
  ['an RpcException of an object', 'Rpc Exception'],
])(
  '%s that a filter passes on has all members that it has over TCP, and its message',
  async (way, message) => {
    const { tcp, freelance } = await both.outcomes('passes', way);
    expect(freelance.error).toMatchObject({ ...(tcp.error as object), message });
    expect(freelance.values).toEqual([]);
  },
);

test.each(['null', 'undefined', 'zero', 'no text'])(
  '%s thrown as an error is an error, while TCP completes the call',
  async (way) => {
    const { tcp, freelance } = await both.outcomes('passes', way);
    expect(tcp).toEqual({ values: [] });
    expect(freelance.error).toBeTruthy();
  },
);

test('an error that cannot be serialized fails the call, while TCP never answers', async () => {
  expect(await outcomeOf(both.freelance, 'passes', 'a cycle')).toEqual({
    values: [],
    error: { status: 'error', message: 'The error cannot be written as JSON' },
  });
});

class ShopError extends Error {
  constructor(readonly details: unknown) {
    super('the shop said no');
  }
}

class ShopClient extends FreelanceClientProxy {
  protected override serializeError(error: unknown) {
    return new ShopError(error);
  }
}

class TcpShopClient extends ClientTCP {
  protected override serializeError(error: unknown) {
    return new ShopError(error);
  }
}

test('a client may override serializeError to map errors', async () => {
  using freelance = closing(new ShopClient(both.freelanceOptions));
  using tcp = closing(new TcpShopClient(both.tcpOptions));
  for (const client of [freelance, tcp]) {
    const { values, error } = await outcomeOf(client, 'fails after values', 'TypeError');
    expect(values).toEqual([1, 2]);
    expect(error).toBeInstanceOf(ShopError);
    expect(error).toMatchObject({ details: INTERNAL });
  }
});
