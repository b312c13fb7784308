import {
  type ArgumentsHost,
  Catch,
  Controller,
  Inject,
  Injectable,
  type RpcExceptionFilter,
  Scope,
  UseFilters,
} from '@nestjs/common';
import { ModuleRef, REQUEST } from '@nestjs/core';
import {
  CONTEXT,
  MessagePattern,
  Payload,
  type RequestContext,
  RpcException,
  type TcpContext,
} from '@nestjs/microservices';
import { FreelanceContext } from 'nestjs-freelance';
import { throwError } from 'rxjs';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { type Outcome, type Parity, serveBoth } from '../support/parity.js';

@Injectable()
class Shared {
  instances = 0;
}

@Injectable({ scope: Scope.REQUEST })
class Caller {
  readonly number: number;

  constructor(
    shared: Shared,
    @Inject(REQUEST) readonly request: RequestContext<{ name: string }, TcpContext>,
  ) {
    this.number = ++shared.instances;
  }

  get name() {
    return this.request.getData().name;
  }
}

@Injectable()
class Greeter {
  constructor(private readonly caller: Caller) {}

  async greet() {
    const { name } = this.caller;
    await Promise.resolve();
    return { name, nameLater: this.caller.name, number: this.caller.number };
  }
}

@Controller()
class GreetingController {
  constructor(
    private readonly greeter: Greeter,
    private readonly caller: Caller,
    @Inject(CONTEXT) private readonly context: RequestContext<unknown, TcpContext>,
  ) {}

  @MessagePattern('greet')
  async greet(@Payload() data: unknown) {
    const { request } = this.caller;
    return {
      ...(await this.greeter.greet()),
      isSameRequest: request === this.context,
      isData: request.data === data,
    };
  }

  @MessagePattern({ cmd: 'request', v: 1 })
  request(@Payload() data: { name: string }) {
    return {
      // For a handler with request scope, this is the pattern as it was declared.
      pattern: this.context.getPattern(),
      called: this.context.getContext().getPattern(),
      data,
      isOurs: this.context.getContext() instanceof FreelanceContext,
    };
  }
}

@Injectable({ scope: Scope.REQUEST })
class Unlucky {
  constructor(@Inject(REQUEST) request: RequestContext<{ name: string }>) {
    throw new RpcException(`not for ${request.getData().name}`);
  }
}

@Catch(RpcException)
class NamingFilter implements RpcExceptionFilter<RpcException> {
  catch(exception: RpcException, host: ArgumentsHost) {
    const { name } = host.switchToRpc().getData<{ name: string }>();
    return throwError(() => ({ name, message: exception.message }));
  }
}

@Controller()
@UseFilters(NamingFilter)
class UnluckyController {
  constructor(readonly unlucky: Unlucky) {}

  @MessagePattern('unlucky')
  never() {
    return 'not reached';
  }
}

/** Resolves a scoped provider by hand, in a controller that is not scoped. */
@Controller()
class ResolvingController {
  constructor(private readonly modules: ModuleRef) {}

  @MessagePattern('resolve')
  async resolve() {
    const one = await this.modules.resolve(Fresh);
    const other = await this.modules.resolve(Fresh);
    return one !== other;
  }
}

@Injectable({ scope: Scope.TRANSIENT })
class Fresh {}

let both: Parity;

beforeAll(async () => {
  both = await serveBoth({
    controllers: [GreetingController, UnluckyController, ResolvingController],
    providers: [Shared, Caller, Greeter, Unlucky, Fresh],
  });
});

afterAll(() => both[Symbol.asyncDispose]());

test('a request-scoped provider is created once per call and knows the call', async () => {
  const seen = { isSameRequest: true, isData: true };
  for (const [index, name] of ['ada', 'grace', 'ada'].entries()) {
    expect(await both.outcome('greet', { name })).toEqual({
      values: [{ name, nameLater: name, number: index + 1, ...seen }],
    });
  }
});

test('concurrent calls never see each other’s provider', async () => {
  const names = Array.from({ length: 50 }, (_, index) => `caller ${index}`);
  const outcomes = await Promise.all(names.map((name) => both.outcomes('greet', { name })));
  const values = outcomes.map(({ freelance }) => freelance.values[0] as { number: number });
  expect(values).toMatchObject(names.map((name) => ({ name, nameLater: name })));
  expect(new Set(values.map(({ number }) => number)).size).toBe(names.length);
});

test('the injected request has pattern, data and context of the call', async () => {
  const data = { name: 'ada' };
  const { tcp, freelance } = await both.outcomes({ v: 1, cmd: 'request' }, data);
  const seen = {
    pattern: { cmd: 'request', v: 1 },
    called: '{"v":1,"cmd":"request"}',
    data,
  };
  expect(tcp).toEqual<Outcome>({ values: [{ ...seen, isOurs: false }] });
  expect(freelance).toEqual<Outcome>({ values: [{ ...seen, isOurs: true }] });
});

test('a provider that cannot be created fails the call, through the filters', async () => {
  expect(await both.outcome('unlucky', { name: 'ada' })).toEqual({
    values: [],
    error: { name: 'ada', message: 'not for ada' },
  });
});

test('transient providers can be resolved in a handler', async () => {
  expect(await both.outcome('resolve')).toEqual({ values: [true] });
});
