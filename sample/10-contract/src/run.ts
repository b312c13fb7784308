import { NestFactory } from '@nestjs/core';
import { Checkout } from './checkout.js';
import { CheckoutModule } from './checkout.module.js';
import { ServerProcess } from './server-process.js';

/** @param say called with a line for each event */
export async function run(say: (line: string) => void): Promise<void> {
  const servers = [new ServerProcess(), new ServerProcess()];
  try {
    const endpoints = await Promise.all(servers.map((server) => server.endpoints()));
    const app = await NestFactory.createApplicationContext(CheckoutModule.of(endpoints.flat()), {
      logger: false,
    });
    const checkout = app.get(Checkout);
    say(`two books: ${await checkout.place('book', 2)}`);
    say(`a book, without a count: ${await checkout.place('book')}`);
    say(`minus one book: ${await checkout.place('book', -1)}`);
    say(`order 7: ${(await checkout.track(7)).join(', ')}`);
    const putBack = Promise.race(servers.map((server) => server.putBack()));
    await checkout.cancel(7);
    say(`order ${await putBack} was cancelled: a server has put it back`);
    say(`dynamite: ${await checkout.place('dynamite')}`);
    await app.close();
  } finally {
    for (const server of servers) server.kill();
  }
}
