import 'reflect-metadata';
import { Controller, Module } from '@nestjs/common';
import { NestFactory } from '@nestjs/core';
import { MessagePattern, Payload } from '@nestjs/microservices';
import {
  FreelanceClientProxy,
  type FreelanceEngine,
  FreelanceTransportServer,
} from 'nestjs-freelance';
import { firstValueFrom } from 'rxjs';
import { say } from './talk.js';

/** Serves, calls, closes everything, and must then exit by itself: no handle may stay open. Argument: the engine. */
const engine = process.argv[2] as FreelanceEngine;

@Controller()
class EchoController {
  @MessagePattern('echo')
  echo(@Payload() value: unknown) {
    return value;
  }
}

@Module({ controllers: [EchoController] })
class EchoModule {}

const strategy = new FreelanceTransportServer({ bind: 'tcp://127.0.0.1:*', engine });
const app = await NestFactory.createMicroservice(EchoModule, { strategy, logger: false });
await app.listen();
const client = new FreelanceClientProxy({ endpoints: strategy.endpoints, engine });
// Nobody listens at either address. Each has a pending connection when the first answer arrives.
const unreachable = ['tcp://127.0.0.1:1', 'inproc://nobody'].map(
  (endpoints) => new FreelanceClientProxy({ endpoints, engine }),
);
for (const one of unreachable) one.connect().catch(say);
say(await firstValueFrom(client.send('echo', 'hello')));
client.close();
for (const one of unreachable) one.close();
await app.close();
