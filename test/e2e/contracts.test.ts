import { Controller, Injectable, Module } from '@nestjs/common';
import { NestFactory } from '@nestjs/core';
import { RpcException } from '@nestjs/microservices';
import { type } from 'arktype';
import type { FreelanceContext } from 'nestjs-freelance';
import {
  contract,
  type ContractClient,
  contractClient,
  ContractError,
  ContractsModule,
  event,
  Implements,
  InjectContract,
  rpc,
  stream,
} from 'nestjs-freelance/contract';
import { randomUUID } from 'node:crypto';
import { lastValueFrom } from 'rxjs';
import * as v from 'valibot';
import { describe, expect, test } from 'vitest';
import { z } from 'zod';
import { eventually } from '../support/eventually.js';
import { connectTo, serve } from '../support/nest.js';

const orders = contract('orders', {
  place: rpc<{ item: string; count?: number }, { id: number }>({ atMostOnce: true }),
  list: stream<{ from: number }, number>(),
  cancelled: event<number>(),
  flush: rpc(),
});

const cancelled: number[] = [];
let hasCleanedUp = false;

@Controller()
@Implements(orders)
class OrdersController {
  place({ item, count = 1 }: { item: string; count?: number }, context: FreelanceContext) {
    if (item === 'none') throw new RpcException('sold out');
    return { id: count + Number(context.getMetadata()['add'] ?? 0) };
  }

  async *list({ from }: { from: number }) {
    hasCleanedUp = false;
    try {
      for (let id = from; ; id++) yield Promise.resolve(id);
    } finally {
      hasCleanedUp = true;
    }
  }

  cancelled(id: number) {
    cancelled.push(id);
  }

  flush() {}
}

test('a service calls another by their contract, which both import', async () => {
  @Injectable()
  class Checkout {
    constructor(@InjectContract(orders) readonly shop: ContractClient<typeof orders>) {}
  }

  await using server = await serve([OrdersController], { bind: `inproc://${randomUUID()}` });

  @Module({
    imports: [ContractsModule.register([{ contract: orders, endpoints: server.endpoints }])],
    providers: [Checkout],
  })
  class CheckoutModule {}

  const app = await NestFactory.createApplicationContext(CheckoutModule, { logger: false });
  try {
    const { shop } = app.get(Checkout);
    expect(await shop.place({ item: 'tea' })).toEqual({ id: 1 });
    expect(await shop.place({ item: 'tea', count: 2 }, { metadata: { add: '5' } })).toEqual({
      id: 7,
    });
    await expect(shop.place({ item: 'none' })).rejects.toEqual({
      status: 'error',
      message: 'sold out',
    });
    expect(await shop.flush()).toBeUndefined();

    const ids: number[] = [];
    for await (const id of shop.list({ from: 3 })) {
      ids.push(id);
      if (id === 5) break;
    }
    expect(ids).toEqual([3, 4, 5]);
    await eventually(() => expect(hasCleanedUp).toBe(true));

    await shop.cancelled(9);
    await eventually(() => expect(cancelled).toEqual([9]));
  } finally {
    await app.close();
  }
});

/** The same contract with the schemas of each library: text becomes a number on its way to the handler. */
const LIBRARIES = {
  zod: contract('checked', {
    double: rpc({ payload: z.object({ text: z.string().transform(Number) }), result: z.number() }),
    count: stream({ payload: z.number(), result: z.number().max(3) }),
  }),
  valibot: contract('checked', {
    double: rpc({
      payload: v.object({ text: v.pipe(v.string(), v.transform(Number)) }),
      result: v.number(),
    }),
    count: stream({ payload: v.number(), result: v.pipe(v.number(), v.maxValue(3)) }),
  }),
  ArkType: contract('checked', {
    double: rpc({ payload: type({ text: type('string').pipe(Number) }), result: type('number') }),
    count: stream({ payload: type('number'), result: type('number <= 3') }),
  }),
};

describe.each(Object.entries(LIBRARIES))('a contract with schemas of %s', (_library, checked) => {
  @Controller()
  @Implements(checked)
  class CheckedController {
    double({ text: number }: { text: number }) {
      return number * 2;
    }

    async *count(upTo: number) {
      for (let value = 1; value <= upTo; value++) yield Promise.resolve(value);
    }
  }

  async function called(run: (client: ContractClient<typeof checked>) => Promise<void>) {
    await using server = await serve([CheckedController], { bind: `inproc://${randomUUID()}` });
    using proxy = connectTo(server.endpoints);
    await run(contractClient(checked, proxy));

    // What a plain send gets has the same members.
    const wrong = { text: 7 };
    const plain = await lastValueFrom(proxy.send('checked.double', wrong)).catch((e: unknown) => e);
    const error = await contractClient(checked, proxy)
      .double(wrong as never)
      .catch((e: unknown) => e);
    expect(error).toBeInstanceOf(ContractError);
    expect((error as ContractError).getError()).toEqual(plain);
  }

  test('checks and transforms payloads', async () => {
    await called(async (client) => {
      expect(await client.double({ text: '21' })).toBe(42);
      // @ts-expect-error -- the caller passes what goes into the schema
      await expect(client.double({ text: 21 })).rejects.toMatchObject({
        code: 'INVALID_PAYLOAD',
        contract: 'checked',
        entry: 'double',
        issues: [{ path: ['text'] }],
      });
    });
  });

  test('checks each value of a stream', async () => {
    await called(async (client) => {
      const values: number[] = [];
      const read = async () => {
        for await (const value of client.count(4)) values.push(value);
      };
      await expect(read()).rejects.toMatchObject({ code: 'INVALID_RESULT', entry: 'count' });
      expect(values).toEqual([1, 2, 3]);
    });
  });
});
