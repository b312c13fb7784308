import 'reflect-metadata';
import { Controller, Module } from '@nestjs/common';
import { NestFactory } from '@nestjs/core';
import { Ctx, MessagePattern, Payload } from '@nestjs/microservices';
import { FreelanceContext, FreelanceTransportServer } from 'nestjs-freelance';
import { once } from 'node:events';
import { setTimeout as delay } from 'node:timers/promises';
import { say } from './talk.js';

/** Arguments: the address to bind, the server's id. */
const [bind = 'tcp://127.0.0.1:*', serverId = 'math'] = process.argv.slice(2);

@Controller()
class MathController {
  @MessagePattern('sum')
  sum(@Payload() numbers: number[]) {
    return numbers.reduce((total, number) => total + number, 0);
  }

  /** Answers with what it got, and who it is, after a while. */
  @MessagePattern('echo')
  async echo(
    @Payload() { value, ms = 0 }: { value: unknown; ms?: number },
    @Ctx() ctx: FreelanceContext,
  ) {
    if (ms > 0) await delay(ms);
    return { value, serverId, attempt: ctx.getAttempt() };
  }

  /** Keeps the event loop busy: no heartbeat is answered meanwhile. */
  @MessagePattern('block')
  block(@Payload() ms: number) {
    const until = performance.now() + ms;
    while (performance.now() < until);
    return 'done';
  }

  /** How many calls this process has accepted before this one. */
  @MessagePattern('accepted')
  accepted() {
    return strategy.stats().accepted - 1;
  }

  @MessagePattern('REQUEST')
  raw(@Payload() text: string) {
    return `${serverId} heard ${text}`;
  }
}

@Module({ controllers: [MathController] })
class MathModule {}

const strategy = new FreelanceTransportServer({ bind, serverId });
const app = await NestFactory.createMicroservice(MathModule, { strategy, logger: ['error'] });
await app.listen();
say({ endpoints: strategy.endpoints });
await Promise.race([once(process.stdin.resume(), 'close'), once(process, 'SIGTERM')]);
await app.close();
// At once, as Nest's hooks do it: what has not left by now is lost.
process.kill(process.pid, 'SIGKILL');
