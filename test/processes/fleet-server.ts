import 'reflect-metadata';
import { Controller, Module } from '@nestjs/common';
import { NestFactory } from '@nestjs/core';
import { MessagePattern, Payload, RpcException } from '@nestjs/microservices';
import { type FreelanceServerOptions, FreelanceTransportServer } from 'nestjs-freelance';
import { once } from 'node:events';
import { setTimeout as delay } from 'node:timers/promises';
import { say } from './talk.js';

/** Argument: the options of the server, as JSON. */
const options = JSON.parse(process.argv[2] ?? '{}') as FreelanceServerOptions;

@Controller()
class FleetController {
  /** Answers after so many ms. */
  @MessagePattern('work')
  async work(@Payload() ms: number) {
    if (ms > 0) await delay(ms);
    return ms;
  }

  @MessagePattern('fail')
  fail() {
    throw new RpcException('as it was told to');
  }
}

@Module({ controllers: [FleetController] })
class FleetModule {}

const strategy = new FreelanceTransportServer({ ...options });
const app = await NestFactory.createMicroservice(FleetModule, { strategy, logger: ['error'] });
await app.listen();
say({ endpoints: strategy.endpoints });
await Promise.race([once(process.stdin.resume(), 'close'), once(process, 'SIGTERM')]);
await app.close();
process.kill(process.pid, 'SIGKILL');
