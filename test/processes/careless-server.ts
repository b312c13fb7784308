import 'reflect-metadata';
import { setTimeout as delay } from 'node:timers/promises';
import { Controller, Module } from '@nestjs/common';
import { NestFactory } from '@nestjs/core';
import { Ctx, MessagePattern } from '@nestjs/microservices';
import { FreelanceContext, FreelanceTransportServer } from 'nestjs-freelance';
import { once } from 'node:events';
import { Observable } from 'rxjs';
import { say } from './talk.js';

/** A server whose handlers throw in their clean-up when callers leave. Node ends a process by default on such an error. */

@Controller()
class CarelessController {
  @MessagePattern('echo')
  echo() {
    return 'echo';
  }

  @MessagePattern('finally that throws')
  async *throwing() {
    try {
      for (let value = 0; ; value++) {
        yield value;
        await delay(1);
      }
    } finally {
      // oxlint-disable-next-line eslint/no-unsafe-finally -- this is what the test is about
      throw new Error('careless');
    }
  }

  @MessagePattern('return that rejects')
  rejecting() {
    return {
      [Symbol.asyncIterator]: () => ({
        next: () => delay(1, { done: false, value: 1 }),
        return: () => Promise.reject(new Error('careless')),
      }),
    };
  }

  @MessagePattern('teardown that throws')
  teardown() {
    return new Observable((subscriber) => {
      subscriber.next(1);
      return () => {
        throw new Error('careless');
      };
    });
  }

  @MessagePattern('aborted')
  async *aborted(@Ctx() { signal }: FreelanceContext) {
    yield 1;
    await delay(60_000, undefined, { signal });
  }

  @MessagePattern('abort listener that throws')
  listening(@Ctx() { signal }: FreelanceContext) {
    signal.addEventListener('abort', () => {
      throw new Error('careless');
    });
    return new Observable((subscriber) => subscriber.next(1));
  }
}

@Module({ controllers: [CarelessController] })
class CarelessModule {}

const strategy = new FreelanceTransportServer({ bind: 'tcp://127.0.0.1:*' });
strategy.on('listening', () => {
  throw new Error('careless');
});
const app = await NestFactory.createMicroservice(CarelessModule, { strategy, logger: ['error'] });
await app.listen();
say({ endpoints: strategy.endpoints });
await once(process.stdin.resume(), 'close');
await app.close();
