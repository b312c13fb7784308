import 'reflect-metadata';
import { Module } from '@nestjs/common';
import { NestFactory } from '@nestjs/core';
import { ClientsModule } from '@nestjs/microservices';
import { FreelanceClientProxy } from 'nestjs-freelance';
import { FreelanceDashboardModule } from 'nestjs-freelance/dashboard';
import { Caller, PRICES } from './caller.js';
import { tellParent, whenParentLeaves } from './parent.js';
import { Reporter } from './reporter.js';

/*
 * The client of client.ts, in an application that also speaks HTTP and serves the live page.
 */

const endpoints = process.argv.slice(2);

@Module({
  imports: [
    ClientsModule.register([
      { name: PRICES, customClass: FreelanceClientProxy, options: { endpoints } },
    ]),
    FreelanceDashboardModule.register({
      path: '/freelance',
      clients: [{ name: 'shop', client: PRICES }],
      endpoints,
      // Nobody but this machine reaches it.
      guards: [],
    }),
  ],
  providers: [Caller, Reporter],
})
class ShopModule {}

whenParentLeaves(() => process.exit());
// Not 'warn': the view shows which server is down.
const app = await NestFactory.create(ShopModule, { logger: ['fatal', 'error'] });
await app.listen(0, '127.0.0.1');
tellParent({ type: 'page', url: `${await app.getUrl()}/freelance` });
await app.get(Reporter).run();
