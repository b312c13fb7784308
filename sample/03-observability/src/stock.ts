import 'reflect-metadata';
import { Controller, Module } from '@nestjs/common';
import { NestFactory } from '@nestjs/core';
import { MessagePattern, Payload } from '@nestjs/microservices';
import { FreelanceTransportServer } from 'nestjs-freelance';
import { setTimeout as delay } from 'node:timers/promises';
import { tell } from './child.js';

const name = process.env['SERVICE'] ?? 'stock';

/** How long a reservation takes, in ms. */
const WORK_MS = 200;

@Controller()
class StockController {
  @MessagePattern('stock.reserve', { description: 'Reserves one item' })
  async reserve(@Payload() item: string) {
    tell({ reserving: name });
    await delay(WORK_MS);
    return { item, reservedBy: name };
  }
}

@Module({ controllers: [StockController] })
class StockModule {}

const strategy = new FreelanceTransportServer({ bind: 'tcp://127.0.0.1:*', serverId: name });
const app = await NestFactory.createMicroservice(StockModule, { strategy, logger: false });
await app.listen();
tell({ ready: strategy.endpoints });
// The process that started this one has ended.
process.once('disconnect', () => process.exit());
