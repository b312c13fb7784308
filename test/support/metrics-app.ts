import { Controller, Get, Header, Module } from '@nestjs/common';
import { NestFactory } from '@nestjs/core';
import { MessagePattern } from '@nestjs/microservices';
import { FreelanceTransportServer } from 'nestjs-freelance';
import { Registry } from 'prom-client';
import { freelanceCollector, type FreelanceCollectorOptions } from '../../lib/prometheus/index.js';
import { readExposition } from './exposition.js';

/** An HTTP application with metrics at `/metrics`: those of its own server, which runs one call at a time, and of clients. */
export async function metricsApp() {
  const server = new FreelanceTransportServer({
    bind: 'tcp://127.0.0.1:*',
    maxConcurrency: 1,
    maxQueue: 0,
  });
  const registry = new Registry();
  const open: (() => void)[] = [];

  @Controller()
  class MetricsController {
    @Get('metrics')
    @Header('content-type', registry.contentType)
    metrics() {
      return registry.metrics();
    }

    @MessagePattern('add')
    add(numbers: number[]) {
      return numbers.reduce((sum, number) => sum + number, 0);
    }

    @MessagePattern('fail')
    fail() {
      throw new Error('on purpose');
    }

    /** Runs until the test ends it. */
    @MessagePattern('wait')
    wait() {
      return new Promise<string>((resolve) => open.push(() => resolve('done')));
    }
  }

  @Module({ controllers: [MetricsController] })
  class AppModule {}

  const app = await NestFactory.create(AppModule, { logger: false });
  app.connectMicroservice({ strategy: server });
  await app.startAllMicroservices();
  await app.listen(0, '127.0.0.1');
  freelanceCollector({ registry, servers: { orders: server } });
  const url = `${await app.getUrl()}/metrics`;
  return {
    server,
    open,
    collect: (clients: FreelanceCollectorOptions['clients']) =>
      freelanceCollector({ registry, clients }),
    /** As Prometheus does it. */
    async scrape() {
      const response = await fetch(url);
      const type = response.headers.get('content-type') ?? 'none';
      if (!isSameType(type, registry.contentType)) throw new Error(`the content type is ${type}`);
      return readExposition(await response.text());
    },
    async [Symbol.asyncDispose]() {
      for (const end of open) end();
      await app.close();
    },
  };
}

/** Express puts the parameters of a content type in an order of its own. */
function isSameType(one: string, other: string): boolean {
  const parts = (type: string) => type.split('; ').toSorted().join('; ');
  return parts(one) === parts(other);
}
