import 'reflect-metadata';
import { type INestMicroservice, Module, type Type } from '@nestjs/common';
import { NestFactory } from '@nestjs/core';
import type { MicroserviceOptions } from '@nestjs/microservices';
import { BenchmarkController } from '../app/benchmark.controller.js';
import { LOG_LEVELS } from './log-levels.js';

/** A Nest microservice, started as in any application. */
export async function nestServer(
  options: MicroserviceOptions,
  controller: Type = BenchmarkController,
): Promise<INestMicroservice> {
  @Module({ controllers: [controller] })
  class BenchmarkModule {}

  const app = await NestFactory.createMicroservice<MicroserviceOptions>(BenchmarkModule, {
    ...options,
    logger: LOG_LEVELS,
  });
  await app.listen();
  return app;
}
