import 'reflect-metadata';
import { NestFactory } from '@nestjs/core';
import { FreelanceTransportServer } from 'nestjs-freelance';
import { OrdersModule } from './orders.module.js';
import { tell } from './server-process.js';

const module = OrdersModule.of({
  async pick(item, attempt) {
    // The process dies at once, in the middle of the call.
    if (item === 'dynamite' && attempt === 1) process.kill(process.pid, 'SIGKILL');
  },
  putBack(id) {
    tell({ putBack: id });
  },
});
const strategy = new FreelanceTransportServer({ bind: 'tcp://127.0.0.1:*' });
const app = await NestFactory.createMicroservice(module, { strategy, logger: false });
await app.listen();
tell({ endpoints: strategy.endpoints });
// The process that started this one has ended.
process.once('disconnect', () => process.exit());
