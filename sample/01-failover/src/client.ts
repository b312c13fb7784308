import 'reflect-metadata';
import { Module } from '@nestjs/common';
import { NestFactory } from '@nestjs/core';
import { ClientsModule } from '@nestjs/microservices';
import { FreelanceClientProxy } from 'nestjs-freelance';
import { Caller, PRICES } from './caller.js';
import { whenParentLeaves } from './parent.js';
import { Reporter } from './reporter.js';

const endpoints = process.argv.slice(2);

@Module({
  imports: [
    ClientsModule.register([
      { name: PRICES, customClass: FreelanceClientProxy, options: { endpoints } },
    ]),
  ],
  providers: [Caller, Reporter],
})
class ShopModule {}

whenParentLeaves(() => process.exit());
const app = await NestFactory.createApplicationContext(ShopModule, {
  // Not 'warn': the view shows which server is down.
  logger: ['fatal', 'error'],
});
await app.get(Reporter).run();
