import type { INestApplicationContext } from '@nestjs/common';
import { NestFactory } from '@nestjs/core';
import { Checkout, CheckoutModule } from './checkout.js';
import type { OrdersAt } from './orders-client.module.js';

/** One start of a caller, with its calls. */
class Instance {
  readonly #app: INestApplicationContext;
  readonly #open = new Set<Promise<unknown>>();

  private constructor(app: INestApplicationContext) {
    this.#app = app;
  }

  static async start(where: OrdersAt): Promise<Instance> {
    const app = await NestFactory.createApplicationContext(CheckoutModule.of(where), {
      logger: false,
    });
    return new Instance(app);
  }

  async use<Result>(work: (checkout: Checkout) => Promise<Result>): Promise<Result> {
    const call = work(this.#app.get(Checkout));
    this.#open.add(call);
    try {
      return await call;
    } finally {
      this.#open.delete(call);
    }
  }

  /** As each rolling update does. Over TCP it is what keeps calls from being lost. */
  async stop(): Promise<void> {
    await Promise.allSettled(this.#open);
    await this.#app.close();
  }
}

/** A service that calls the orders. */
export class Caller {
  #instance: Instance;

  private constructor(instance: Instance) {
    this.#instance = instance;
  }

  static async start(where: OrdersAt): Promise<Caller> {
    return new Caller(await Instance.start(where));
  }

  /** A rolling update to another configuration: the new instance takes new work, and the old one ends its own. */
  async update(where: OrdersAt): Promise<void> {
    const old = this.#instance;
    this.#instance = await Instance.start(where);
    await old.stop();
  }

  use<Result>(work: (checkout: Checkout) => Promise<Result>): Promise<Result> {
    return this.#instance.use(work);
  }

  stop(): Promise<void> {
    return this.#instance.stop();
  }
}
