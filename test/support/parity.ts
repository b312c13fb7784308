import type { AddressInfo, Server as TcpListener } from 'node:net';
import { type INestMicroservice, Module, type ModuleMetadata } from '@nestjs/common';
import { NestFactory } from '@nestjs/core';
import { type ClientProxy, ClientTCP, Transport } from '@nestjs/microservices';
import { FreelanceClientProxy, FreelanceTransportServer } from 'nestjs-freelance';
import { expect } from 'vitest';

/** All that a caller sees of one call. `error` is present if it failed, even if it is undefined. */
export interface Outcome {
  readonly values: unknown[];
  readonly error?: unknown;
}

/** Any client. (With exact optional types, TypeScript does not accept Nest's own as `ClientProxy`.) */
export type Caller = Pick<ClientProxy, 'send' | 'connect' | 'close'>;

/** The outcome of one call; never rejects. */
export function outcomeOf(client: Caller, pattern: unknown, data: unknown): Promise<Outcome> {
  return new Promise((resolve) => {
    const values: unknown[] = [];
    client.send<unknown>(pattern, data).subscribe({
      next: (value) => values.push(value),
      complete: () => resolve({ values }),
      error: (error: unknown) => resolve({ values, error }),
    });
  });
}

/** The same microservice behind Nest's TCP transport and behind ours, each with a client. */
export interface Parity extends AsyncDisposable {
  readonly tcp: ClientTCP;
  readonly freelance: FreelanceClientProxy;
  /** For further clients. */
  readonly tcpOptions: { readonly host: string; readonly port: number };
  readonly freelanceOptions: { readonly endpoints: readonly string[] };
  readonly apps: Readonly<Record<'tcp' | 'freelance', INestMicroservice>>;
  /** The outcome of the same call over each transport. */
  outcomes(pattern: unknown, data?: unknown): Promise<Record<'tcp' | 'freelance', Outcome>>;
  /** The outcome of the call, which must be the same over both. */
  outcome(pattern: unknown, data?: unknown): Promise<Outcome>;
}

export async function serveBoth(
  metadata: ModuleMetadata,
  configure: (app: INestMicroservice) => void = () => {},
): Promise<Parity> {
  @Module(metadata)
  class ServedModule {}

  const strategy = new FreelanceTransportServer({ bind: 'tcp://127.0.0.1:*' });
  const apps = {
    tcp: await NestFactory.createMicroservice(ServedModule, {
      transport: Transport.TCP,
      options: { host: '127.0.0.1', port: 0 },
      logger: false,
    }),
    freelance: await NestFactory.createMicroservice(ServedModule, { strategy, logger: false }),
  };
  for (const app of Object.values(apps)) {
    configure(app);
    await app.listen();
  }
  const { port } = apps.tcp.unwrap<TcpListener>().address() as AddressInfo;
  const tcpOptions = { host: '127.0.0.1', port };
  const freelanceOptions = { endpoints: strategy.endpoints };
  const tcp = new ClientTCP(tcpOptions);
  const freelance = new FreelanceClientProxy(freelanceOptions);

  const outcomes: Parity['outcomes'] = async (pattern, data = {}) => ({
    tcp: await outcomeOf(tcp, pattern, data),
    freelance: await outcomeOf(freelance, pattern, data),
  });
  return {
    tcp,
    freelance,
    tcpOptions,
    freelanceOptions,
    apps,
    outcomes,
    outcome: async (pattern, data) => {
      const both = await outcomes(pattern, data);
      expect(both.freelance).toStrictEqual(both.tcp);
      return both.freelance;
    },
    [Symbol.asyncDispose]: async () => {
      tcp.close();
      freelance.close();
      for (const app of Object.values(apps)) await app.close();
    },
  };
}

/** A client that closes at the end of its block. */
export function closing<Client extends Caller>(client: Client): Client & Disposable {
  return Object.assign(client, { [Symbol.dispose]: () => void client.close() });
}
