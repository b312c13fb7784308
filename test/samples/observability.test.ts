import { NestFactory } from '@nestjs/core';
import { FreelanceTestbed } from 'nestjs-freelance/testing';
import { expect, test } from 'vitest';
import { stockContract } from '../../sample/03-observability/src/contracts.js';
import { OrdersController } from '../../sample/03-observability/src/orders.controller.js';
import { StockModule } from '../../sample/03-observability/src/stock.module.js';

test('an order is placed, although the server that reserves its item dies', async () => {
  const victims: string[] = [];
  const bed = await FreelanceTestbed.create({
    servers: 2,
    createApp: (strategy, number) => {
      const name = `stock-${number}`;
      const reserving = () => {
        // The first one that has the item.
        if (victims.push(name) === 1) bed.server(number).kill();
      };
      const module = StockModule.of({ name, reserving });
      return NestFactory.createMicroservice(module, { strategy, logger: false });
    },
  });
  try {
    const orders = new OrdersController(bed.contract(stockContract));
    const { item, reservedBy } = await orders.place('book');
    const [victim, other] = victims;
    expect({ item, reservedBy }).toEqual({ item: 'book', reservedBy: other });
    expect(other).not.toBe(victim);
  } finally {
    await bed.close();
  }
});
