import type { DynamicModule } from '@nestjs/common';
import { NestFactory } from '@nestjs/core';
import { FreelanceTransportServer } from 'nestjs-freelance';

/** A service: here in the same process as the others, elsewhere in its own. */
export async function serve(module: DynamicModule) {
  const strategy = new FreelanceTransportServer({ bind: 'tcp://127.0.0.1:*' });
  const app = await NestFactory.createMicroservice(module, { strategy, logger: false });
  await app.listen();
  return { endpoints: strategy.endpoints, close: () => app.close() };
}
