import 'reflect-metadata';
import {
  type CallHandler,
  type CanActivate,
  Controller,
  type ExecutionContext,
  Injectable,
  Module,
  type NestInterceptor,
  UseGuards,
  UseInterceptors,
} from '@nestjs/common';
import { NestFactory } from '@nestjs/core';
import { Ctx, EventPattern, MessagePattern, RpcException } from '@nestjs/microservices';
import {
  FreelanceContext,
  FreelanceTransportServer,
  type ServerCallMessage,
} from 'nestjs-freelance';
import { AsyncLocalStorage } from 'node:async_hooks';
import { channel, tracingChannel } from 'node:diagnostics_channel';
import { createRequire } from 'node:module';
import { createInterface } from 'node:readline';
import { setTimeout as delay } from 'node:timers/promises';
import { map, NEVER } from 'rxjs';
import { say } from './talk.js';

/** Arguments: the server's id, and how many calls it runs at a time. It prints its endpoints, then all that it publishes. */
const [serverId = 'watched', maxConcurrency = '100'] = process.argv.slice(2);

/** The pattern of the call, bound to the start of the channel; and that of the hook, which the CommonJS copy has. */
const ofChannel = new AsyncLocalStorage<string>();
const ofHook = new AsyncLocalStorage<string>();

const active = () => `${ofChannel.getStore() ?? 'none'}, ${ofHook.getStore() ?? 'none'}`;

const calls = tracingChannel<string, ServerCallMessage>('nestjs-freelance:server:call');
calls.start.bindStore(ofChannel, ({ pattern }) => `channel ${pattern}`);
for (const event of ['start', 'end', 'asyncStart', 'asyncEnd', 'error'] as const) {
  calls[event].subscribe((message) => {
    const { kind, pattern, hasHandler, metadata, attempt, outcome, error } =
      message as ServerCallMessage;
    say({ [event]: pattern, kind, hasHandler, metadata, attempt, outcome, thrown: error });
  });
}
for (const name of ['refused', 'dropped', 'drain']) {
  channel(`nestjs-freelance:server:${name}`).subscribe((message) => say({ [name]: message }));
}

const library = createRequire(import.meta.url)('nestjs-freelance') as {
  instrument: (typeof import('nestjs-freelance'))['instrument'];
};
library.instrument({
  aroundServerCall: ({ pattern }, next) => ofHook.run(`hook ${pattern}`, next),
});

const seen: Record<string, string> = {};

@Injectable()
class SeeingGuard implements CanActivate {
  async canActivate() {
    seen['guard'] = active();
    await delay(1);
    return true;
  }
}

@Injectable()
class SeeingInterceptor implements NestInterceptor {
  intercept(_context: ExecutionContext, next: CallHandler<object>) {
    seen['interceptor'] = active();
    return next.handle().pipe(map((value) => ({ ...value, mapped: active() })));
  }
}

@Controller()
class WatchedController {
  @UseGuards(SeeingGuard)
  @UseInterceptors(SeeingInterceptor)
  @MessagePattern('contexts')
  async contexts() {
    seen['handler'] = active();
    await delay(1);
    return { ...seen, later: active() };
  }

  @MessagePattern('metadata')
  metadata(@Ctx() context: FreelanceContext) {
    return context.getMetadata();
  }

  @MessagePattern('stream')
  async *stream() {
    yield active();
    await delay(1);
    yield active();
  }

  @MessagePattern('fail')
  fail() {
    throw new RpcException('no');
  }

  @MessagePattern('who')
  who() {
    return serverId;
  }

  @MessagePattern('never')
  never() {
    return NEVER;
  }

  @EventPattern('note')
  async note(_data: unknown) {
    await delay(1);
    say({ noted: active() });
  }

  @EventPattern('fail to note')
  failToNote(_data: unknown) {
    throw new RpcException('not noted');
  }
}

@Module({ controllers: [WatchedController] })
class WatchedModule {}

const strategy = new FreelanceTransportServer({
  bind: 'tcp://127.0.0.1:*',
  serverId,
  maxConcurrency: Number(maxConcurrency),
  maxQueue: 0,
});
const app = await NestFactory.createMicroservice(WatchedModule, { strategy, logger: false });
await app.listen();
say({ endpoints: strategy.endpoints });
// Told to, it leaves; it ends with its standard input.
createInterface(process.stdin)
  .on('line', () => void app.close())
  .once('close', () => process.exit());
