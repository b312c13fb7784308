import { Module } from '@nestjs/common';
import { NestFactory } from '@nestjs/core';
import { type CurveKeyPair, FreelanceTransportServer } from 'nestjs-freelance';
import { AccountController } from './account.controller.js';
import { ROLES, type Roles } from './key.guard.js';

/** The server. A client with any role may connect; the guard decides what it may do. */
export async function openBank(own: CurveKeyPair, roles: Roles) {
  @Module({
    controllers: [AccountController],
    providers: [{ provide: ROLES, useValue: roles }],
  })
  class BankModule {}

  const strategy = new FreelanceTransportServer({
    bind: 'tcp://127.0.0.1:*',
    security: { mechanism: 'curve', ...own, authorizedClients: [...roles.keys()] },
  });
  const app = await NestFactory.createMicroservice(BankModule, { strategy, logger: false });
  await app.listen();
  return { strategy, endpoints: strategy.endpoints, close: () => app.close() };
}
