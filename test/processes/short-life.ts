import 'reflect-metadata';
import { Controller, Module } from '@nestjs/common';
import { NestFactory } from '@nestjs/core';
import { MessagePattern, Payload } from '@nestjs/microservices';
import { FreelanceClientProxy, FreelanceTransportServer } from 'nestjs-freelance';
import { firstValueFrom } from 'rxjs';
import { say } from './talk.js';

/** Serves, calls, closes both, and then has to end by itself: no handle may be left open. */

@Controller()
class EchoController {
  @MessagePattern('echo')
  echo(@Payload() value: unknown) {
    return value;
  }
}

@Module({ controllers: [EchoController] })
class EchoModule {}

const strategy = new FreelanceTransportServer({ bind: 'tcp://127.0.0.1:*' });
const app = await NestFactory.createMicroservice(EchoModule, { strategy, logger: false });
await app.listen();
const client = new FreelanceClientProxy({ endpoints: strategy.endpoints });
const unreachable = new FreelanceClientProxy({ endpoints: 'tcp://127.0.0.1:1' });
unreachable.connect().catch(say);
say(await firstValueFrom(client.send('echo', 'hello')));
client.close();
unreachable.close();
await app.close();
