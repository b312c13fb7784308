import 'reflect-metadata';
import { Controller, Inject, Module } from '@nestjs/common';
import { NestFactory } from '@nestjs/core';
import { Ctx, MessagePattern, Payload } from '@nestjs/microservices';
import { FreelanceContext, FreelanceTransportServer } from 'nestjs-freelance';
import { setTimeout as delay } from 'node:timers/promises';
import { tellParent, whenParentLeaves } from './parent.js';
import type { Price, PriceRequest } from './price.js';

const [name = 'server-1', bind = 'tcp://127.0.0.1:5555'] = process.argv.slice(2);

const SERVER_NAME = Symbol('SERVER_NAME');

/** Stands for the database that a real service would ask, in ms. */
const LOOK_UP_MS = 20;

@Controller()
class PricesController {
  constructor(@Inject(SERVER_NAME) private readonly server: string) {}

  @MessagePattern('price')
  async price(@Payload() { item }: PriceRequest, @Ctx() ctx: FreelanceContext): Promise<Price> {
    await delay(LOOK_UP_MS);
    return { cents: item.length * 100, server: this.server, attempt: ctx.getAttempt() };
  }
}

@Module({
  controllers: [PricesController],
  providers: [{ provide: SERVER_NAME, useValue: name }],
})
class PricesModule {}

whenParentLeaves(() => process.exit());
const app = await NestFactory.createMicroservice(PricesModule, {
  strategy: new FreelanceTransportServer({ bind, serverId: name }),
  logger: ['fatal', 'error'],
});
await app.listen();
tellParent({ type: 'ready' });
