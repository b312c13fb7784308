import 'reflect-metadata';
import type { INestMicroservice, Type } from '@nestjs/common';
import { NestFactory } from '@nestjs/core';
import type { AsyncMicroserviceOptions, MicroserviceOptions } from '@nestjs/microservices';
import { BenchmarkModule } from '../app/benchmark.module.js';

/** A Nest microservice, as any application starts one. */
export async function nestServer(
  options: MicroserviceOptions,
  module: Type = BenchmarkModule,
): Promise<INestMicroservice> {
  const app = await NestFactory.createMicroservice<MicroserviceOptions | AsyncMicroserviceOptions>(
    module,
    { ...options, logger: ['fatal', 'error', 'warn'] },
  );
  await app.listen();
  return app;
}
