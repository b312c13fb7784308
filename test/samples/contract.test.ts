import { NestFactory } from '@nestjs/core';
import { Test, type TestingModule } from '@nestjs/testing';
import { FreelanceClientProxy } from 'nestjs-freelance';
import { contractClient, getContractToken } from 'nestjs-freelance/contract';
import { FreelanceTestbed, type StubServer, stubServer } from 'nestjs-freelance/testing';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { Checkout } from '../../sample/10-contract/src/checkout.js';
import { CheckoutModule } from '../../sample/10-contract/src/checkout.module.js';
import { orders } from '../../sample/10-contract/src/orders.contract.js';
import { OrdersModule } from '../../sample/10-contract/src/orders.module.js';

describe('the servers of sample/10-contract', () => {
  let picked: string[];
  let putBack: Promise<number>;
  let bed: FreelanceTestbed;
  let checkout: Checkout;

  beforeEach(async () => {
    picked = [];
    let hear: (id: number) => void;
    putBack = new Promise((resolve) => (hear = resolve));
    bed = await FreelanceTestbed.create({
      servers: 2,
      createApp: (strategy, number) => {
        const module = OrdersModule.of({
          async pick(item, attempt) {
            picked.push(item);
            if (item === 'dynamite' && attempt === 1) bed.server(number).kill();
          },
          putBack: (id) => hear(id),
        });
        return NestFactory.createMicroservice(module, { strategy, logger: false });
      },
    });
    checkout = new Checkout(bed.contract(orders));
  });

  afterEach(() => bed.close());

  test('place an order, although the one that has it dies', async () => {
    expect(await checkout.place('dynamite', 3)).toBe('3 × dynamite, at attempt 2');
  });

  test('refuse an order of half a book before it is picked', async () => {
    expect(await checkout.place('book', 0.5)).toMatch(/^INVALID_PAYLOAD, orders\.place: .*count/);
    expect(picked).toEqual([]);
  });

  test('tell each step of an order', async () => {
    expect(await checkout.track(7)).toEqual(['packed', 'sent', 'delivered']);
  });

  test('put a cancelled order back', async () => {
    await checkout.cancel(7);
    expect(await putBack).toBe(7);
  });
});

describe('the caller of sample/10-contract', () => {
  let stub: StubServer<typeof orders>;
  let client: FreelanceClientProxy;
  let module: TestingModule;
  let checkout: Checkout;

  beforeEach(async () => {
    stub = await stubServer(orders, {
      place: ({ item, count }) => ({ item, count, attempt: 1 }),
    });
    client = new FreelanceClientProxy({ endpoints: stub.endpoints });
    module = await Test.createTestingModule({ imports: [CheckoutModule.of(stub.endpoints)] })
      .overrideProvider(getContractToken(orders))
      .useValue(contractClient(orders, client))
      .compile();
    checkout = module.get(Checkout);
  });

  afterEach(async () => {
    await module.close();
    client.close();
    await stub.close();
  });

  test('leaves the count to the schema', async () => {
    expect(await checkout.place('book')).toBe('1 × book, at attempt 1');
    expect(stub.calls).toMatchObject([{ pattern: 'orders.place', data: { item: 'book' } }]);
  });

  test('passes on what is no refusal', async () => {
    stub.answer('place', () => {
      throw new Error('sold out');
    });
    await expect(checkout.place('book')).rejects.toMatchObject({ message: 'sold out' });
  });
});
