import 'reflect-metadata';
import {
  type CallHandler,
  Controller,
  type ExecutionContext,
  Get,
  Module,
  UseInterceptors,
} from '@nestjs/common';
import { NestFactory } from '@nestjs/core';
import { MessagePattern } from '@nestjs/microservices';
import { firstValueFrom, tap, toArray } from 'rxjs';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { contract } from '../../lib/contract/contract.js';
import type { ContractClient } from '../../lib/contract/contract-client.js';
import { ContractsModule } from '../../lib/contract/contracts-module.js';
import { rpc, stream } from '../../lib/contract/entries.js';
import { InjectContract } from '../../lib/contract/inject-contract.js';
import { FreelanceTransportServer } from '../../lib/index.js';
import { connectTo, serve, type Served } from '../support/nest.js';

const orders = contract('orders', {
  place: rpc<string, string>(),
  list: stream<number, number>(),
});

type OrdersClient = ContractClient<typeof orders>;

let placed = 0;

@Controller()
class OrdersController {
  @MessagePattern('orders.place')
  place(item: string) {
    return `${item} #${++placed}`;
  }

  @MessagePattern('orders.list')
  async *list(count: number) {
    for (let id = 0; id < count; id++) yield id;
  }
}

const seen: unknown[] = [];

class Watching {
  intercept(_context: ExecutionContext, next: CallHandler) {
    return next.handle().pipe(tap((value) => seen.push(value)));
  }
}

@Controller()
class Gateway {
  constructor(@InjectContract(orders) private readonly client: OrdersClient) {}

  @Get('place')
  place() {
    return this.client.place('tea');
  }

  @Get('later')
  async later() {
    return this.client.place('tea');
  }

  @Get('watched')
  @UseInterceptors(Watching)
  watched() {
    return this.client.place('tea');
  }

  @MessagePattern('place')
  forward() {
    return this.client.place('tea');
  }

  @MessagePattern('watched')
  @UseInterceptors(Watching)
  forwardWatched() {
    return this.client.place('tea');
  }

  @MessagePattern('list')
  list(count: number) {
    return this.client.list(count);
  }

  @MessagePattern('each')
  async *each(count: number) {
    yield* this.client.list(count);
  }
}

let server: Served;
let app: Awaited<ReturnType<typeof startGateway>>;

async function startGateway() {
  @Module({
    imports: [ContractsModule.register([{ contract: orders, endpoints: [...server.endpoints] }])],
    controllers: [Gateway],
  })
  class GatewayModule {}

  const gateway = await NestFactory.create(GatewayModule, { logger: false });
  const strategy = new FreelanceTransportServer({ bind: 'inproc://gateway' });
  gateway.connectMicroservice({ strategy }, { inheritAppConfig: true });
  await gateway.startAllMicroservices();
  await gateway.listen(0, '127.0.0.1');
  return gateway;
}

beforeAll(async () => {
  server = await serve([OrdersController], { bind: 'inproc://contract-gateway' });
  app = await startGateway();
});

afterAll(async () => {
  await app.close();
  await server[Symbol.asyncDispose]();
});

/** What came, and how many calls were made for it. */
async function counted(run: () => Promise<unknown>) {
  const before = placed;
  const got = await run();
  return { got, calls: placed - before };
}

test.each(['place', 'later', 'watched'])(
  'an HTTP handler that returns a call makes it once: %s',
  async (path) => {
    const { got, calls } = await counted(async () =>
      (await fetch(`${await app.getUrl()}/${path}`)).text(),
    );
    expect({ got, calls }).toEqual({ got: `tea #${placed}`, calls: 1 });
  },
);

test.each(['place', 'watched'])(
  'a message handler that returns a call makes it once: %s',
  async (pattern) => {
    using client = connectTo('inproc://gateway');
    const { got, calls } = await counted(() => firstValueFrom(client.send(pattern, {})));
    expect({ got, calls }).toEqual({ got: `tea #${placed}`, calls: 1 });
    expect(seen.every((value) => typeof value === 'string')).toBe(true);
  },
);

test.each(['list', 'each'])('a message handler forwards a stream: %s', async (pattern) => {
  using client = connectTo('inproc://gateway');
  const values = await firstValueFrom(client.send(pattern, 3).pipe(toArray()));
  expect(values).toEqual([0, 1, 2]);
});
