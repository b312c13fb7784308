import 'reflect-metadata';
import { Controller, Get, Logger, Module, Param, type Type } from '@nestjs/common';
import { NestFactory } from '@nestjs/core';
import { EventPattern, MessagePattern, Payload } from '@nestjs/microservices';
import { registerInstrumentations } from '@opentelemetry/instrumentation';
import { HttpInstrumentation } from '@opentelemetry/instrumentation-http';
import {
  NodeTracerProvider,
  type ReadableSpan,
  type SpanProcessor,
} from '@opentelemetry/sdk-trace-node';
import {
  FreelanceClientProxy,
  FreelanceRecordBuilder,
  FreelanceTransportServer,
} from 'nestjs-freelance';
import { FreelanceInstrumentation } from 'nestjs-freelance/opentelemetry';
import { once } from 'node:events';
import { createRequire } from 'node:module';
import { NEVER, firstValueFrom, lastValueFrom, toArray } from 'rxjs';
import { say } from './talk.js';

/*
 * A service of a trace: gateway (HTTP) → orders → stock. Arguments: its role, its name, and the addresses of the servers that it
 * calls. It prints each span as a line, once that has ended.
 */
const [role = '', name = '', ...endpoints] = process.argv.slice(2);

/** What a test reads of a span. */
const shown = (span: ReadableSpan) => ({
  service: name,
  name: span.name,
  kind: span.kind,
  id: span.spanContext().spanId,
  traceId: span.spanContext().traceId,
  parentId: span.parentSpanContext?.spanId,
  attributes: span.attributes,
  events: span.events.map((event) => ({ name: event.name, attributes: event.attributes })),
  links: span.links.map((link) => link.context.spanId),
});

const printer: SpanProcessor = {
  onStart() {},
  onEnd: (span) => say({ span: shown(span) }),
  forceFlush: () => Promise.resolve(),
  shutdown: () => Promise.resolve(),
};

// Standard output is for the test.
Logger.overrideLogger(false);

new NodeTracerProvider({ spanProcessors: [printer] }).register();
registerInstrumentations({
  instrumentations: [new HttpInstrumentation(), new FreelanceInstrumentation()],
});
// It patches what is required from now on.
createRequire(import.meta.url)('node:http');

const client = new FreelanceClientProxy({
  endpoints: endpoints.length > 0 ? endpoints : ['tcp://127.0.0.1:9'],
  // The first one that is alive: a test says which server is to get a call first.
  balancer: { pick: ([first]) => first },
});

@Controller()
class Gateway {
  @Get('order/:kind')
  order(@Param('kind') kind: string) {
    return client.send('order', kind);
  }
}

@Controller()
class Orders {
  @MessagePattern('order')
  order(@Payload() kind: string): Promise<unknown> {
    switch (kind) {
      case 'failover':
        return firstValueFrom(client.send('reserve', 'stock-1'));
      case 'hedge': {
        const hedged = new FreelanceRecordBuilder('stock-1').setHedge({ after: 20 }).build();
        return firstValueFrom(client.send('reserve', hedged));
      }
      default:
        return this.everything();
    }
  }

  /** All ways to call, but for those that need a server to fail. */
  private async everything() {
    const levels: number[] = [];
    for await (const level of client.iterate<number>('levels', {})) levels.push(level);
    const all = new FreelanceRecordBuilder({}).setBroadcast().build();
    const refreshed = await lastValueFrom(client.send('refresh', all).pipe(toArray()));
    await lastValueFrom(client.emit('reserved', {}), { defaultValue: undefined });
    return { levels, refreshed: refreshed.length };
  }
}

@Controller()
class Stock {
  /** Never answers at the server of that name. */
  @MessagePattern('reserve')
  reserve(@Payload() hangsAt: string) {
    if (hangsAt !== name) return name;
    say({ reserving: name });
    return NEVER;
  }

  @MessagePattern('levels')
  async *levels() {
    for (const level of [1, 2, 3]) yield await Promise.resolve(level);
  }

  @MessagePattern('refresh')
  refresh() {
    return name;
  }

  @EventPattern('reserved')
  reserved(@Payload() _data: unknown) {}
}

function moduleOf(controller: Type): Type {
  @Module({ controllers: [controller] })
  class TracedModule {}
  return TracedModule;
}

async function serve(controller: Type) {
  const strategy = new FreelanceTransportServer({ bind: 'tcp://127.0.0.1:*', serverId: name });
  const app = await NestFactory.createMicroservice(moduleOf(controller), {
    strategy,
    logger: false,
  });
  await app.listen();
  return strategy.endpoints;
}

async function serveHttp(controller: Type) {
  const app = await NestFactory.create(moduleOf(controller), { logger: false });
  await app.listen(0, '127.0.0.1');
  return [await app.getUrl()];
}

if (endpoints.length > 0) {
  await client.connect();
  const areAlive = () =>
    Object.values(client.stats().endpoints).every(({ state }) => state === 'alive');
  while (!areAlive()) await new Promise((resolve) => setTimeout(resolve, 5));
}
const at =
  role === 'gateway' ? await serveHttp(Gateway) : await serve(role === 'orders' ? Orders : Stock);
say({ endpoints: at });
await once(process.stdin.resume(), 'close');
process.exit();
