import type { Provider, Type } from '@nestjs/common';
import { Module } from '@nestjs/common';
import { NestFactory } from '@nestjs/core';
import {
  FreelanceClientProxy,
  type FreelanceClientOptions,
  type FreelanceServerOptions,
  FreelanceTransportServer,
} from 'nestjs-freelance';

/** A Nest microservice in this process, with these controllers, on a free port. */
export async function serve(
  controllers: Type[],
  options: Partial<FreelanceServerOptions> = {},
  providers: Provider[] = [],
  Strategy: typeof FreelanceTransportServer = FreelanceTransportServer,
): Promise<Served> {
  @Module({ controllers, providers })
  class ServedModule {}

  const strategy = new Strategy({ bind: 'tcp://127.0.0.1:*', ...options });
  const app = await NestFactory.createMicroservice(ServedModule, { strategy, logger: false });
  await app.listen();
  return {
    strategy,
    endpoints: strategy.endpoints,
    [Symbol.asyncDispose]: () => app.close(),
  };
}

export interface Served extends AsyncDisposable {
  readonly strategy: FreelanceTransportServer;
  readonly endpoints: readonly string[];
}

/** A client that closes at the end of its block. */
export function connectTo(
  endpoints: FreelanceClientOptions['endpoints'],
  options: Partial<FreelanceClientOptions> = {},
): FreelanceClientProxy & Disposable {
  const client = new FreelanceClientProxy({ endpoints, ...options });
  return Object.assign(client, { [Symbol.dispose]: () => client.close() });
}
