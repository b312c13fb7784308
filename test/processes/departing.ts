import 'reflect-metadata';
import { Controller, Inject, Injectable, Module, type OnModuleDestroy } from '@nestjs/common';
import { NestFactory } from '@nestjs/core';
import { EventPattern, MessagePattern, Payload } from '@nestjs/microservices';
import { FreelanceTransportServer } from 'nestjs-freelance';
import { setTimeout as delay } from 'node:timers/promises';
import { say } from './talk.js';

/**
 * A Nest application whose handlers need a resource that `onModuleDestroy` releases. Arguments: the
 * application, `microservice` or `hybrid`; and how it stops: by Nest's hooks alone (`hooks`), by hooks with the
 * server as a provider of the outermost module (`provider`), or by `app.close()` (`close`).
 */
const [kind, ending] = process.argv.slice(2);
const server = new FreelanceTransportServer({ bind: 'tcp://127.0.0.1:*' });

@Injectable()
class Resource implements OnModuleDestroy {
  isOpen = true;

  onModuleDestroy() {
    this.isOpen = false;
    say('destroyed');
  }
}

@Controller()
class SlowController {
  constructor(@Inject(Resource) private readonly resource: Resource) {}

  @MessagePattern('slow')
  async slow(@Payload() ms: number) {
    say('began');
    await delay(ms);
    say(this.resource.isOpen ? 'ended' : 'ended without its resource');
    return 'answer';
  }

  @EventPattern('news')
  async news(@Payload() ms: number) {
    await this.slow(ms);
  }
}

@Module({ controllers: [SlowController], providers: [Resource] })
class AppModule {}

@Module({
  imports: [AppModule],
  providers: [{ provide: FreelanceTransportServer, useValue: server }],
})
class ServedModule {}

const root = ending === 'provider' ? ServedModule : AppModule;

async function start() {
  if (kind === 'hybrid') {
    const hybrid = await NestFactory.create(root, { logger: ['error'] });
    hybrid.connectMicroservice({ strategy: server });
    await hybrid.startAllMicroservices();
    return hybrid;
  }
  const microservice = await NestFactory.createMicroservice(root, {
    strategy: server,
    logger: ['error'],
  });
  await microservice.listen();
  return microservice;
}

const app = await start();
if (ending === 'close') process.once('SIGTERM', () => void app.close());
else app.enableShutdownHooks();
process.stdin.on('close', () => process.exit(3)).resume();
process.stdin.unref();
say({ endpoints: server.endpoints });
