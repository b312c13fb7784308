import 'reflect-metadata';
import { Controller, Module } from '@nestjs/common';
import { NestFactory } from '@nestjs/core';
import { EventPattern, MessagePattern, Payload } from '@nestjs/microservices';
import { AtMostOnce, FreelanceTransportServer } from 'nestjs-freelance';
import { once } from 'node:events';
import { appendFileSync } from 'node:fs';
import { setTimeout as delay } from 'node:timers/promises';
import { say } from './talk.js';

/** Arguments: the address to bind, and the file in which each handler records itself before it does anything. */
const [bind = 'tcp://127.0.0.1:*', ledger = ''] = process.argv.slice(2);

interface Order {
  readonly id: string;
  /** How long the handler takes, in ms. */
  readonly ms: number;
}

@Controller()
class CashierController {
  @AtMostOnce()
  @MessagePattern('charge')
  async charge(@Payload() { id, ms }: Order) {
    appendFileSync(ledger, `${id}\n`);
    await delay(ms);
    return id;
  }

  @EventPattern('charged')
  @AtMostOnce()
  async charged(@Payload() { id, ms }: Order) {
    appendFileSync(ledger, `${id}\n`);
    await delay(ms);
  }
}

@Module({ controllers: [CashierController] })
class CashierModule {}

const strategy = new FreelanceTransportServer({ bind });
const app = await NestFactory.createMicroservice(CashierModule, { strategy, logger: ['error'] });
await app.listen();
say({ endpoints: strategy.endpoints });
await once(process.stdin.resume(), 'close');
process.exit();
