// A gateway (HTTP) that calls orders, which calls stock, in one process. Stock has the process told to stop while it works: what
// it answers then is still to reach the caller, and its spans the collector.
const events = require('node:events');

/** @param parts the packages, as the application has loaded them, and the SDK */
exports.start = async ({ common, core, microservices, freelance, sdk }) => {
  const { FreelanceClientProxy, FreelanceTransportServer } = freelance;
  const strategy = new FreelanceTransportServer({ bind: 'tcp://127.0.0.1:*', serverId: 'one' });
  let client;

  class Gateway {
    order() {
      return client.send('order', { item: 1 });
    }
  }

  class Orders {
    order() {
      return client.send('stock', { item: 1 });
    }
  }

  class Stock {
    async stock() {
      const told = events.once(process, 'SIGTERM');
      process.kill(process.pid, 'SIGTERM');
      await told;
      return 'in stock';
    }
  }

  class App {
    onApplicationShutdown() {
      return sdk.shutdown();
    }
  }

  // What the decorators of TypeScript do: this has to run as it is.
  const handles = (controller, method, decorate) => {
    const { prototype } = controller;
    decorate(method)(prototype, method, Object.getOwnPropertyDescriptor(prototype, method));
    common.Controller()(controller);
  };
  handles(Gateway, 'order', common.Get);
  handles(Orders, 'order', microservices.MessagePattern);
  handles(Stock, 'stock', microservices.MessagePattern);
  common.Module({ controllers: [Gateway, Orders, Stock] })(App);

  const app = await core.NestFactory.create(App, { logger: ['error', 'warn'] });
  app.enableShutdownHooks();
  app.connectMicroservice({ strategy });
  await app.startAllMicroservices();
  client = new FreelanceClientProxy({ endpoints: strategy.endpoints });
  await client.connect();
  await app.listen(0, '127.0.0.1');
  process.once('disconnect', () => process.exit(1));
  process.send(await app.getUrl());
};
