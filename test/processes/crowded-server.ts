import 'reflect-metadata';
import { Controller, Module } from '@nestjs/common';
import { MessagePattern, Payload } from '@nestjs/microservices';
import { NestFactory } from '@nestjs/core';
import { FreelanceTransportServer } from 'nestjs-freelance';
import { closeSync, openSync } from 'node:fs';
import { say } from './talk.js';

/** A server with the engine `node`, in a process with few file descriptors left: as many as its argument says. */
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
  // No descriptors are left.
}
for (const descriptor of taken.splice(0, Number(left))) closeSync(descriptor);
say(strategy.endpoints[0]);
