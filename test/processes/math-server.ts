import 'reflect-metadata';
import { Controller, Module } from '@nestjs/common';
import { NestFactory } from '@nestjs/core';
import { Ctx, MessagePattern, Payload } from '@nestjs/microservices';
import { FreelanceContext, FreelanceTransportServer } from 'nestjs-freelance';
import { interval } from 'rxjs';
import { once } from 'node:events';
import { setTimeout as delay } from 'node:timers/promises';
import { say } from './talk.js';

/** Arguments: the address to bind, and the server's id. */
const [bind = 'tcp://127.0.0.1:*', serverId = 'math'] = process.argv.slice(2);

@Controller()
class MathController {
  @MessagePattern('sum')
  sum(@Payload() numbers: number[]) {
    return numbers.reduce((total, number) => total + number, 0);
  }

  /** Answers with its data and the server's id after a while. */
  @MessagePattern('echo')
  async echo(
    @Payload() { value, ms = 0 }: { value: unknown; ms?: number },
    @Ctx() ctx: FreelanceContext,
  ) {
    if (ms > 0) await delay(ms);
    return { value, serverId, attempt: ctx.getAttempt() };
  }

  /** Blocks the event loop: no heartbeat is answered meanwhile. */
  @MessagePattern('block')
  block(@Payload() ms: number) {
    const until = performance.now() + ms;
    while (performance.now() < until);
    return 'done';
  }

  /** Kills the server of that id in the middle of the call; any other answers with its own. */
  @MessagePattern('kill')
  kill(@Payload() victim: string) {
    if (victim === serverId) process.kill(process.pid, 'SIGKILL');
    return serverId;
  }

  /** Counts until nobody listens. */
  @MessagePattern('ticks')
  ticks() {
    return interval(10);
  }

  /** How many calls this process had accepted before this one. */
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
// Immediately, as after Nest's hooks: anything unsent is lost.
process.kill(process.pid, 'SIGKILL');
