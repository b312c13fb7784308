import 'reflect-metadata';
import { NestFactory } from '@nestjs/core';
import { FreelanceTransportServer } from 'nestjs-freelance';
import { tell } from './child.js';
import { StockModule } from './stock.module.js';

const name = process.env['SERVICE'] ?? 'stock';

const module = StockModule.of({ name, reserving: () => tell({ reserving: name }) });
const strategy = new FreelanceTransportServer({ bind: 'tcp://127.0.0.1:*', serverId: name });
const app = await NestFactory.createMicroservice(module, { strategy, logger: false });
await app.listen();
tell({ ready: strategy.endpoints });
// The process that started this one has ended.
process.once('disconnect', () => process.exit());
