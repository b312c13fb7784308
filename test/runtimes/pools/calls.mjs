import 'reflect-metadata';
import { Controller, Module } from '@nestjs/common';
import { NestFactory } from '@nestjs/core';
import { MessagePattern } from '@nestjs/microservices';
import {
  FreelanceClientProxy,
  FreelanceTransportServer,
  generateCurveKeyPair,
} from 'nestjs-freelance';
import { firstValueFrom } from 'rxjs';

class SumController {
  sum(numbers) {
    return numbers.reduce((total, number) => total + number, 0);
  }
}
MessagePattern('sum')(
  SumController.prototype,
  'sum',
  Object.getOwnPropertyDescriptor(SumController.prototype, 'sum'),
);
Controller()(SumController);

class SumModule {
  name = 'sums';
}
Module({ controllers: [SumController] })(SumModule);

/** A server and a client, and the sum that a call comes to. */
export async function sumByCall(numbers, { leaveOpen = false, curve = false } = {}) {
  const keys = generateCurveKeyPair();
  const security = curve ? { mechanism: 'curve', ...keys } : undefined;
  const strategy = new FreelanceTransportServer({
    bind: 'tcp://127.0.0.1:*',
    security: security && { ...security, authorizedClients: [keys.publicKey] },
  });
  const app = await NestFactory.createMicroservice(SumModule, { strategy, logger: false });
  await app.listen();
  const client = new FreelanceClientProxy({
    endpoints: strategy.endpoints,
    security: security && { ...security, serverKey: keys.publicKey },
  });
  const sum = await firstValueFrom(client.send('sum', numbers));
  if (!leaveOpen) {
    client.close();
    await app.close();
  }
  return sum;
}
