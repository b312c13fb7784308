import 'reflect-metadata';
import {
  type BeforeApplicationShutdown,
  Controller,
  Inject,
  Injectable,
  Module,
  type OnApplicationShutdown,
  type OnModuleDestroy,
} from '@nestjs/common';
import { NestFactory } from '@nestjs/core';
import {
  type ClientProxy,
  ClientsModule,
  MessagePattern,
  Payload,
  Transport,
} from '@nestjs/microservices';
import { FreelanceClientProxy, FreelanceTransportServer } from 'nestjs-freelance';
import { firstValueFrom } from 'rxjs';
import { say } from './talk.js';

/**
 * A Nest application that serves, has called itself, and waits for its signal. Arguments: the transport, `freelance` or
 * `tcp`; its port; the application, `microservice` or `hybrid`; and what answers the signal: Nest's hooks (`signal`), Nest's
 * hooks with `useProcessExit` (`exit`), or only `app.close()` (`close`), after which the process must exit by itself.
 */
const [transport, port, kind, ending] = process.argv.slice(2);
const isTcp = transport === 'tcp';
const host = '127.0.0.1';
const endpoint = `tcp://${host}:${port}`;
const tcp = { transport: Transport.TCP as const, options: { host, port: Number(port) } };

@Controller()
class EchoController {
  @MessagePattern('echo')
  echo(@Payload() value: unknown) {
    return value;
  }
}

@Injectable()
class Hooks implements OnModuleDestroy, BeforeApplicationShutdown, OnApplicationShutdown {
  constructor(@Inject('SELF') private readonly self: ClientProxy) {}

  async onModuleDestroy() {
    // By its own close() a microservice leaves before its hooks run; by Nest's hooks, after this one.
    const echo = ending === 'close' ? undefined : await this.echo('still there');
    say({ hook: 'onModuleDestroy', echo });
  }

  beforeApplicationShutdown(signal?: string) {
    say({ hook: 'beforeApplicationShutdown', signal });
  }

  onApplicationShutdown(signal?: string) {
    say({ hook: 'onApplicationShutdown', signal });
  }

  echo(value: unknown) {
    return firstValueFrom(this.self.send<unknown>('echo', value));
  }
}

@Module({
  imports: [
    ClientsModule.register([
      isTcp
        ? { name: 'SELF', ...tcp }
        : { name: 'SELF', customClass: FreelanceClientProxy, options: { endpoints: endpoint } },
    ]),
  ],
  controllers: [EchoController],
  providers: [Hooks],
})
class AppModule {}

const service = isTcp ? tcp : { strategy: new FreelanceTransportServer({ bind: endpoint }) };

async function startHybrid() {
  const hybrid = await NestFactory.create(AppModule, { logger: ['error'] });
  hybrid.connectMicroservice(service);
  await hybrid.startAllMicroservices();
  await hybrid.listen(0, host);
  return hybrid;
}

async function startMicroservice() {
  const microservice = await NestFactory.createMicroservice(AppModule, {
    ...service,
    logger: ['error'],
  });
  await microservice.listen();
  return microservice;
}

const app = kind === 'hybrid' ? await startHybrid() : await startMicroservice();
if (ending === 'close') process.once('SIGTERM', () => void app.close());
else app.enableShutdownHooks([], { useProcessExit: ending === 'exit' });

// A safety net in case the test dies; it keeps no process alive by itself.
process.stdin.on('close', () => process.exit(3)).resume();
process.stdin.unref();
say({ echo: await app.get(Hooks).echo('ready') });
