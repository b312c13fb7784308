import 'reflect-metadata';
import { Controller, Module } from '@nestjs/common';
import { MessagePattern, Payload } from '@nestjs/microservices';
import { NestFactory } from '@nestjs/core';
import { FreelanceTransportServer } from 'nestjs-freelance';
import { closeSync, openSync } from 'node:fs';
import { say } from './talk.js';

/** A server of the engine over Node's sockets, in a process that has few file descriptors left: so many. */
const [left = '20'] = process.argv.slice(2);

@Controller()
class EchoController {
  @MessagePattern('echo')
  echo(@Payload() value: unknown) {
    return value;
  }
}

@Module({ controllers: [EchoController] })
class AppModule {}

const strategy = new FreelanceTransportServer({ engine: 'node', bind: 'tcp://127.0.0.1:*' });
const app = await NestFactory.createMicroservice(AppModule, { strategy, logger: false });
await app.listen();
const taken: number[] = [];
try {
  for (;;) taken.push(openSync('/dev/null', 'r'));
} catch {
  // There are no more.
}
for (const descriptor of taken.splice(0, Number(left))) closeSync(descriptor);
say(strategy.endpoints[0]);
