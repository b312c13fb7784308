import {
  type ArgumentMetadata,
  type CallHandler,
  type CanActivate,
  ClassSerializerInterceptor,
  Controller,
  createParamDecorator,
  type ExecutionContext,
  Injectable,
  type NestInterceptor,
  ParseIntPipe,
  type PipeTransform,
  SetMetadata,
  UseGuards,
  UseInterceptors,
  UsePipes,
} from '@nestjs/common';
import { APP_GUARD, APP_INTERCEPTOR, APP_PIPE, Reflector } from '@nestjs/core';
import {
  type BaseRpcContext,
  Ctx,
  MessagePattern,
  Payload,
  RpcException,
  TcpContext,
} from '@nestjs/microservices';
import { Exclude } from 'class-transformer';
import { FreelanceContext } from 'nestjs-freelance';
import {
  catchError,
  concat,
  concatMap,
  concatWith,
  filter,
  from,
  map,
  type Observable,
  of,
  tap,
  throwError,
} from 'rxjs';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { type Parity, serveBoth } from '../support/parity.js';

/** Data to which each part of the pipeline appends its name, so that orders can be compared. */
interface Traced {
  readonly trace: string[];
}

const trace = (context: ExecutionContext) => context.switchToRpc().getData<Traced>().trace;

@Injectable()
class TracingGuard implements CanActivate {
  constructor(private readonly level: string) {}

  canActivate(context: ExecutionContext) {
    trace(context).push(`guard of the ${this.level}`);
    return true;
  }
}

@Injectable()
class TracingInterceptor implements NestInterceptor {
  constructor(private readonly level: string) {}

  intercept(context: ExecutionContext, next: CallHandler<unknown>) {
    trace(context).push(`interceptor of the ${this.level}`);
    return next.handle().pipe(map((value) => [value, this.level]));
  }
}

@Injectable()
class TracingPipe implements PipeTransform<unknown> {
  constructor(private readonly level: string) {}

  transform(value: unknown, { type }: ArgumentMetadata) {
    if (type === 'body') (value as Traced).trace.push(`pipe of the ${this.level}`);
    return value;
  }
}

@Controller()
@UseGuards(new TracingGuard('controller'))
@UseInterceptors(new TracingInterceptor('controller'))
@UsePipes(new TracingPipe('controller'))
class TracedController {
  @UseGuards(new TracingGuard('handler'))
  @UseInterceptors(new TracingInterceptor('handler'))
  @UsePipes(new TracingPipe('handler'))
  @MessagePattern('traced')
  traced(@Payload(new TracingPipe('parameter')) data: Traced) {
    return from([...data.trace, 'handler']);
  }
}

@Injectable()
class RoleGuard implements CanActivate {
  constructor(private readonly reflector: Reflector) {}

  async canActivate(context: ExecutionContext) {
    const needed = this.reflector.get<string | undefined>('role', context.getHandler());
    const { role } = context.switchToRpc().getData<{ role: string }>();
    await Promise.resolve();
    if (role === 'banned') throw new RpcException({ code: 'BANNED' });
    return needed === undefined || needed === role;
  }
}

const Role = createParamDecorator((key: string, context: ExecutionContext) => {
  const data = context.switchToRpc().getData<Record<string, string>>();
  const pattern = context.switchToRpc().getContext<TcpContext>().getPattern();
  return `${data[key]} by ${pattern}, a call of ${context.getType()}`;
});

@Controller()
@UseGuards(RoleGuard)
class GuardedController {
  @SetMetadata('role', 'admin')
  @MessagePattern('guarded')
  guarded(@Role('role') role: string) {
    return role;
  }

  @MessagePattern('arguments')
  arguments(
    @Payload('order') order: unknown,
    @Payload('order.id') dotted: unknown,
    @Payload('count', ParseIntPipe) count: number,
    @Ctx() context: BaseRpcContext,
    @Payload() whole: unknown,
  ) {
    return {
      order,
      dotted,
      count: [typeof count, count],
      whole,
      isContext: context instanceof FreelanceContext || context instanceof TcpContext,
    };
  }

  @MessagePattern('undecorated')
  undecorated(...data: unknown[]) {
    return data;
  }
}

const around = (change: (values: Observable<unknown>) => Observable<unknown>) =>
  UseInterceptors({
    intercept: (_context: ExecutionContext, next: CallHandler<unknown>) => change(next.handle()),
  });

class Account {
  readonly name = 'ada';

  @Exclude()
  readonly password = 'secret';
}

@Controller()
class InterceptedController {
  readonly numbers = () => of(1, 2, 3);
  readonly failing = () =>
    concat(
      of(1),
      throwError(() => new RpcException('broke')),
    );

  @around((values) => values.pipe(map((value) => ({ value }))))
  @MessagePattern('mapped')
  mapped() {
    return this.numbers();
  }

  @around((values) => values.pipe(map((value) => ({ value }))))
  @MessagePattern('mapped promise')
  async mappedPromise() {
    return Promise.resolve('promised');
  }

  @around((values) => values.pipe(filter((value) => value !== 2)))
  @MessagePattern('filtered')
  filtered() {
    return this.numbers();
  }

  @around((values) => values.pipe(concatMap(async (value) => Promise.resolve([value]))))
  @MessagePattern('mapped later')
  mappedLater() {
    return this.numbers();
  }

  @around((values) => values.pipe(concatWith(of('appended'))))
  @MessagePattern('appended')
  appended() {
    return 'value';
  }

  @around(() => of('from a cache'))
  @MessagePattern('answered early')
  answeredEarly() {
    throw new Error('not reached');
  }

  @around((values) => values.pipe(catchError((error: Error) => of(`instead of ${error.message}`))))
  @MessagePattern('recovered')
  recovered() {
    return this.failing();
  }

  @around((values) => values.pipe(catchError(() => throwError(() => new RpcException('reworded')))))
  @MessagePattern('reworded')
  reworded() {
    return this.failing();
  }

  @around((values) =>
    values.pipe(
      tap((value) => {
        if (value === 2) throw new RpcException('two is too many');
      }),
    ),
  )
  @MessagePattern('interrupted')
  interrupted() {
    return this.numbers();
  }

  @around(() => {
    throw new RpcException('not even called');
  })
  @MessagePattern('refused')
  refused() {
    return 'not reached';
  }

  @UseInterceptors(ClassSerializerInterceptor)
  @MessagePattern('serialized')
  serialized() {
    return new Account();
  }
}

let both: Parity;

beforeAll(async () => {
  both = await serveBoth(
    { controllers: [TracedController, GuardedController, InterceptedController] },
    (app) =>
      app
        .useGlobalGuards({
          canActivate: (context) => {
            trace(context)?.push('guard of the application');
            return true;
          },
        })
        .useGlobalPipes({
          transform: (value: Partial<Traced> | undefined) => {
            value?.trace?.push('pipe of the application');
            return value;
          },
        })
        .useGlobalInterceptors({
          intercept: (context, next) => {
            trace(context)?.push('interceptor of the application');
            return next.handle();
          },
        }),
  );
});

afterAll(() => both[Symbol.asyncDispose]());

test('guards, interceptors and pipes of application, controller and handler run in the same order as over TCP', async () => {
  const { values } = await both.outcome('traced', { trace: [] });
  const steps = [
    'guard of the application',
    'guard of the controller',
    'guard of the handler',
    'interceptor of the application',
    'interceptor of the controller',
    'interceptor of the handler',
    'pipe of the application',
    'pipe of the controller',
    'pipe of the handler',
    'pipe of the parameter',
    'handler',
  ];
  // Each value of the stream passes the handler's interceptor first and the controller's last.
  expect(values).toEqual(steps.map((step) => [[step, 'handler'], 'controller']));
});

test('a guard that returns false forbids the call, and one that throws passes its message', async () => {
  expect(await both.outcome('guarded', { role: 'guest' })).toEqual({
    values: [],
    error: { status: 'error', message: 'Forbidden resource' },
  });
  expect(await both.outcome('guarded', { role: 'banned' })).toEqual({
    values: [],
    error: { code: 'BANNED' },
  });
});

test('custom decorators read data and context of the call', async () => {
  expect(await both.outcome('guarded', { role: 'admin' })).toEqual({
    values: ['admin by guarded, a call of rpc'],
  });
});

test('parameters of a handler: by path, through pipes, with the context', async () => {
  const data = { order: { id: 7 }, count: '12' };
  expect(await both.outcome('arguments', data)).toEqual({
    values: [{ order: { id: 7 }, count: ['number', 12], whole: data, isContext: true }],
  });
  expect(await both.outcome('arguments', { count: 'twelve' })).toMatchObject({
    values: [],
    error: { status: 'error' },
  });
});

test('a handler without parameter decorators gets the data', async () => {
  expect(await both.outcome('undecorated', { a: 1 })).toEqual({ values: [[{ a: 1 }]] });
});

test.each<[pattern: string, values: unknown[]]>([
  ['mapped', [{ value: 1 }, { value: 2 }, { value: 3 }]],
  ['mapped promise', [{ value: 'promised' }]],
  ['filtered', [1, 3]],
  ['mapped later', [[1], [2], [3]]],
  ['appended', ['value', 'appended']],
  ['answered early', ['from a cache']],
  ['recovered', [1, 'instead of broke']],
  ['serialized', [{ name: 'ada' }]],
])('an interceptor transforms the values of a handler: %s', async (pattern, values) => {
  expect(await both.outcome(pattern)).toEqual({ values });
});

test.each<[pattern: string, values: unknown[], message: string]>([
  ['reworded', [1], 'reworded'],
  ['interrupted', [1], 'two is too many'],
  ['refused', [], 'not even called'],
])('an interceptor ends a call with an error: %s', async (pattern, values, message) => {
  expect(await both.outcome(pattern)).toEqual({ values, error: { status: 'error', message } });
});

test('guards, interceptors and pipes may be providers of the module', async () => {
  await using provided = await serveBoth({
    controllers: [TracedController],
    providers: [
      { provide: APP_GUARD, useFactory: () => new TracingGuard('module') },
      { provide: APP_PIPE, useFactory: () => new TracingPipe('module') },
      { provide: APP_INTERCEPTOR, useFactory: () => new TracingInterceptor('module') },
    ],
  });
  const { values } = await provided.outcome('traced', { trace: [] });
  expect(values).toHaveLength(11);
  expect(values[0]).toEqual([[['guard of the module', 'handler'], 'controller'], 'module']);
  expect(values[3]).toEqual([[['interceptor of the module', 'handler'], 'controller'], 'module']);
  expect(values[6]).toEqual([[['pipe of the module', 'handler'], 'controller'], 'module']);
});
