// Every name of the subpath testing, used as its type says: compiled under each way to resolve modules.
import type { INestMicroservice } from '@nestjs/common';
import { Module } from '@nestjs/common';
import { FreelanceClientProxy, type FreelanceContext } from 'nestjs-freelance';
import { contract, event, rpc } from 'nestjs-freelance/contract';
import {
  type ContractStubAnswers,
  type CreateApp,
  FreelanceTestbed,
  type FreelanceTestbedOptions,
  type StubAnswer,
  type StubAnswers,
  type StubAnswersOf,
  type StubCall,
  type StubServer,
  stubServer,
  type TestbedClock,
  type TestbedServer,
} from 'nestjs-freelance/testing';

const orders = contract('orders', { place: rpc<string, number>(), shipped: event<number>() });

@Module({})
class OrdersModule {}

const options: FreelanceTestbedOptions = {
  servers: 3,
  module: OrdersModule,
  time: 'virtual',
  client: { requestTimeout: 100 },
  server: { maxConcurrency: 1 },
};
declare const app: INestMicroservice;
const createApp: CreateApp = (strategy, number) => {
  if (number === 1) strategy.setReady(false);
  return app;
};
export const made: Promise<FreelanceTestbed> = FreelanceTestbed.create({ createApp });

export async function rehearse(): Promise<number> {
  const bed: FreelanceTestbed = await FreelanceTestbed.create(options);
  const server: TestbedServer = bed.server(1);
  server.freeze();
  server.thaw();
  server.partition();
  server.heal();
  server.slow(20);
  server.refuse('busy');
  server.accept();
  server.kill();
  await server.restart();
  await server.stop();
  const clock: TestbedClock = bed.clock;
  await clock.advance(3000);
  const client: FreelanceClientProxy = bed.client;
  client.send('orders.place', 'tea').subscribe();
  await bed.close();
  return bed.contract(orders).place('tea');
}

const answer: StubAnswer = (data, context: FreelanceContext) => [data, context.getAttempt()];
const answers: StubAnswers = { any: answer, length: (text: string) => text.length };
export const untyped: Promise<StubServer> = stubServer(answers);

type OrdersAnswers = ContractStubAnswers<typeof orders>;
const few: OrdersAnswers = { place: (item) => item.length };
export const same: StubAnswersOf<typeof orders> = few;

export async function stub(): Promise<readonly StubCall[]> {
  const stubbed: StubServer<OrdersAnswers> = await stubServer(orders, few);
  stubbed.answer('shipped', (id) => id.toFixed());
  new FreelanceClientProxy({ endpoints: stubbed.endpoints }).close();
  stubbed.reset();
  await stubbed.close();
  return stubbed.calls.filter(({ kind, attempt }) => kind === 'call' && attempt === 1);
}

// @ts-expect-error The contract has another result.
export const wrongResult = stubServer(orders, { place: () => 'one' });
// @ts-expect-error The contract has no such entry.
export const wrongEntry = stubServer(orders, { plaec: () => 1 });
// @ts-expect-error There is no such reason.
export const wrongReason = (server: TestbedServer) => server.refuse('tired');
