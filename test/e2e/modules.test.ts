import { Controller, Inject, Injectable, Module, type OnModuleDestroy } from '@nestjs/common';
import { NestFactory } from '@nestjs/core';
import {
  type AsyncMicroserviceOptions,
  type ClientProvider,
  ClientProxyFactory,
  ClientsModule,
  type ClientsModuleOptionsFactory,
  MessagePattern,
  Payload,
} from '@nestjs/microservices';
import { Test } from '@nestjs/testing';
import { FreelanceClientProxy, FreelanceTransportServer } from 'nestjs-freelance';
import { firstValueFrom } from 'rxjs';
import { expect, test } from 'vitest';
import { connectTo, serve } from '../support/nest.js';

/** Answers with its name. */
function named(name: string) {
  @Controller()
  class NamedController {
    @MessagePattern('who')
    who() {
      return name;
    }
  }
  return NamedController;
}

const who = (client: FreelanceClientProxy) => firstValueFrom(client.send<string>('who', {}));

@Injectable()
class Addresses {
  // Holds the addresses of the test's servers, where a real application reads its configuration.
  static endpoints: readonly string[] = [];

  get endpoints() {
    return Addresses.endpoints;
  }
}

@Module({ providers: [Addresses], exports: [Addresses] })
class AddressesModule {}

const client = (endpoints: readonly string[]): ClientProvider => ({
  customClass: FreelanceClientProxy,
  options: { endpoints },
});

@Injectable()
class ClientOptionsFactory implements ClientsModuleOptionsFactory {
  constructor(private readonly addresses: Addresses) {}

  createClientOptions() {
    return client(this.addresses.endpoints);
  }
}

@Module({
  imports: [AddressesModule],
  providers: [ClientOptionsFactory],
  exports: [ClientOptionsFactory],
})
class ClientOptionsModule {}

test.each([
  [
    'a factory with injected providers',
    {
      imports: [AddressesModule],
      inject: [Addresses],
      useFactory: ({ endpoints }: Addresses) => client(endpoints),
    },
  ],
  [
    'an asynchronous factory',
    {
      imports: [AddressesModule],
      inject: [Addresses],
      useFactory: async ({ endpoints }: Addresses) => Promise.resolve(client(endpoints)),
    },
  ],
  ['a class', { imports: [AddressesModule], useClass: ClientOptionsFactory }],
  ['an existing provider', { imports: [ClientOptionsModule], useExisting: ClientOptionsFactory }],
])('ClientsModule.registerAsync takes its options from %s', async (_what, options) => {
  await using server = await serve([named('server')]);
  Addresses.endpoints = server.endpoints;

  @Module({ imports: [ClientsModule.registerAsync([{ name: 'CLIENT', ...options }])] })
  class CallerModule {}

  const app = await NestFactory.createApplicationContext(CallerModule, { logger: false });
  const registered = app.get<FreelanceClientProxy>('CLIENT');
  expect(registered).toBeInstanceOf(FreelanceClientProxy);
  expect(await who(registered)).toBe('server');
  await app.close();
  expect(registered.stats().endpoints).toEqual({});
});

test('each of several clients calls its own servers, and all close with the application', async () => {
  await using first = await serve([named('first')]);
  await using second = await serve([named('second')]);
  const TOKEN = Symbol('second');

  @Injectable()
  class Caller implements OnModuleDestroy {
    lastWords: string[] = [];

    constructor(
      @Inject('ONE') readonly one: FreelanceClientProxy,
      @Inject(TOKEN) readonly two: FreelanceClientProxy,
      @Inject('AGAIN') readonly again: FreelanceClientProxy,
    ) {}

    all() {
      return Promise.all([who(this.one), who(this.two), who(this.again)]);
    }

    async onModuleDestroy() {
      this.lastWords = await this.all();
    }
  }

  @Module({
    imports: [
      ClientsModule.register([
        { name: 'ONE', ...client(first.endpoints) },
        { name: TOKEN, ...client(second.endpoints) },
      ]),
      ClientsModule.register({
        isGlobal: true,
        clients: [{ name: 'AGAIN', ...client(first.endpoints) }],
      }),
    ],
    providers: [Caller],
  })
  class CallerModule {}

  const app = await NestFactory.createApplicationContext(CallerModule, { logger: false });
  const caller = app.get(Caller);
  expect(await caller.all()).toEqual(['first', 'second', 'first']);
  await app.close();
  expect(caller.lastWords).toEqual(['first', 'second', 'first']);
  for (const closed of [caller.one, caller.two, caller.again]) {
    expect(closed.stats()).toMatchObject({ endpoints: {}, pending: 0, dropped: {} });
  }
});

test('invalid client options prevent the application from starting, with a clear message', async () => {
  @Module({
    imports: [
      ClientsModule.registerAsync([{ name: 'CLIENT', useFactory: () => client(['localhost']) }]),
    ],
  })
  class CallerModule {}

  const start = NestFactory.createApplicationContext(CallerModule, {
    logger: false,
    abortOnError: false,
  });
  await expect(start).rejects.toMatchObject({ code: 'BAD_OPTIONS' });
});

test('ClientProxyFactory creates a client', async () => {
  await using server = await serve([named('server')]);
  const made = ClientProxyFactory.create({
    customClass: FreelanceClientProxy,
    options: { endpoints: server.endpoints },
  });
  expect(made).toBeInstanceOf(FreelanceClientProxy);
  expect(await firstValueFrom(made.send<string>('who', {}))).toBe('server');
  made.close();
});

test('a microservice takes its strategy from a factory with injected providers', async () => {
  @Injectable()
  class Config {
    readonly bind = 'tcp://127.0.0.1:*';
  }

  @Module({ providers: [Config], controllers: [named('by factory')] })
  class ServedModule {}

  const strategies: FreelanceTransportServer[] = [];
  const app = await NestFactory.createMicroservice<AsyncMicroserviceOptions>(ServedModule, {
    inject: [Config],
    useFactory: ({ bind }: Config) => {
      const strategy = new FreelanceTransportServer({ bind });
      strategies.push(strategy);
      return { strategy };
    },
  });
  await app.listen();
  using caller = connectTo(strategies.flatMap(({ endpoints }) => endpoints));
  expect(await who(caller)).toBe('by factory');
  await app.close();
});

@Injectable()
class Greeter {
  greet(name: string) {
    return `hello ${name}`;
  }
}

@Controller()
class GreetingController {
  constructor(private readonly greeter: Greeter) {}

  @MessagePattern('greet')
  greet(@Payload() name: string) {
    return this.greeter.greet(name);
  }
}

test('@nestjs/testing creates microservices with overridden providers', async () => {
  const module = await Test.createTestingModule({
    controllers: [GreetingController],
    providers: [Greeter],
  })
    .overrideProvider(Greeter)
    .useValue({ greet: (name: string) => `a mock greets ${name}` })
    .compile();
  const strategy = new FreelanceTransportServer({ bind: 'tcp://127.0.0.1:*' });
  const app = module.createNestMicroservice({ strategy, logger: false });
  await app.listen();
  using caller = connectTo(strategy.endpoints);
  expect(await firstValueFrom(caller.send('greet', 'ada'))).toBe('a mock greets ada');
  await app.close();
  expect(strategy.endpoints).toEqual([]);
});

test('@nestjs/testing creates hybrid applications', async () => {
  const module = await Test.createTestingModule({
    controllers: [GreetingController],
    providers: [Greeter],
  }).compile();
  const app = module.createNestApplication({ logger: false });
  const strategy = new FreelanceTransportServer({ bind: 'tcp://127.0.0.1:*' });
  app.connectMicroservice({ strategy });
  await app.startAllMicroservices();
  await app.init();
  using caller = connectTo(strategy.endpoints);
  expect(await firstValueFrom(caller.send('greet', 'ada'))).toBe('hello ada');
  await app.close();
  expect(strategy.endpoints).toEqual([]);
});
