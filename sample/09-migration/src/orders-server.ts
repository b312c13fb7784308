import { type INestApplication, Module } from '@nestjs/common';
import { NestFactory } from '@nestjs/core';
import { Transport } from '@nestjs/microservices';
import { FreelanceTransportServer } from 'nestjs-freelance';
import type { AddressInfo, Server } from 'node:net';
import { LEDGER, type Ledger, OrdersController } from './orders.controller.js';

const HOST = '127.0.0.1';

@Module({})
class OrdersModule {}

/** What a server of the orders listens on. */
export interface Served {
  readonly tcp?: boolean;
  /** An endpoint to bind. */
  readonly freelance?: string;
}

/** A server: here in the same process as the callers, elsewhere in its own. */
export class OrdersServer {
  readonly tcp: { readonly host: string; readonly port: number };
  readonly endpoints: readonly string[];
  readonly #app: INestApplication;

  private constructor(app: INestApplication, port: number, endpoints: readonly string[]) {
    this.#app = app;
    this.tcp = { host: HOST, port };
    this.endpoints = endpoints;
  }

  /** A hybrid application: each transport is one line, and the move adds one and then takes the other away. */
  static async open(ledger: Ledger, { tcp = false, freelance }: Served): Promise<OrdersServer> {
    const app = await NestFactory.create(
      {
        module: OrdersModule,
        controllers: [OrdersController],
        providers: [{ provide: LEDGER, useValue: ledger }],
      },
      { logger: false },
    );
    // With `inheritAppConfig: true` as a second argument, global guards, pipes, interceptors and filters hold for both.
    const old =
      tcp &&
      app.connectMicroservice({ transport: Transport.TCP, options: { host: HOST, port: 0 } });
    const strategy =
      freelance === undefined ? undefined : new FreelanceTransportServer({ bind: freelance });
    if (strategy) app.connectMicroservice({ strategy });
    await app.startAllMicroservices();
    // With HTTP as well, `app.listen()`.
    await app.init();
    const port = old ? (old.unwrap<Server>().address() as AddressInfo).port : 0;
    return new OrdersServer(app, port, strategy?.endpoints ?? []);
  }

  /** Over freelance, it finishes what it has begun, and the callers send everything else to the other servers. */
  close(): Promise<void> {
    return this.#app.close();
  }
}
