import { Controller, Logger } from '@nestjs/common';
import { MessagePattern } from '@nestjs/microservices';
import { FreelanceTransportServer } from 'nestjs-freelance';
import { NEVER } from 'rxjs';
import { afterEach, expect, test } from 'vitest';
import type { Router } from 'zeromq';
import { eventually } from '../support/eventually.js';
import { KeepingLogger } from '../support/keeping-logger.js';
import { connectTo, serve } from '../support/nest.js';
import { uncaught } from '../support/uncaught.js';

afterEach(() => Logger.overrideLogger(false));

@Controller()
class NeverController {
  @MessagePattern('never')
  never() {
    return NEVER;
  }
}

/** The arguments of each call of the `listen` callback. */
function listen(server: FreelanceTransportServer): unknown[] {
  const told: unknown[] = [];
  server.listen((error) => told.push(error));
  return told;
}

test('a second listen fails, and the server keeps listening', async () => {
  const server = new FreelanceTransportServer({ bind: 'tcp://127.0.0.1:*' });
  const first = listen(server);
  const second = listen(server);
  expect(second).toEqual([expect.objectContaining({ message: expect.stringMatching(/already/) })]);
  await eventually(() => expect(first).toEqual([undefined]));
  const { endpoints } = server;
  expect(listen(server)).toHaveLength(1);
  await new Promise((resolve) => setTimeout(resolve, 50));
  expect(server.endpoints).toEqual(endpoints);
  expect(second).toHaveLength(1);
  await server.close();
});

test('listen fails while the server still drains', async () => {
  const { strategy } = await serve([NeverController], { drainTimeout: 100 });
  using client = connectTo(strategy.endpoints);
  client.send('never', {}).subscribe({ error() {} });
  await eventually(() => expect(strategy.stats().running).toBe(1));
  const closed = strategy.close();
  expect(listen(strategy)).toEqual([
    expect.objectContaining({ message: expect.stringMatching(/still closing/) }),
  ]);
  await closed;
  const again = listen(strategy);
  await eventually(() => expect(again).toEqual([undefined]));
  await strategy.close();
});

test('a server that cannot bind has the status disconnected', async () => {
  await using holder = await serve([NeverController]);
  const server = new FreelanceTransportServer({ bind: holder.endpoints });
  const statuses: string[] = [];
  server.status.subscribe((status) => statuses.push(status));
  const told = listen(server);
  await eventually(() => expect(told).toEqual([expect.any(Error)]));
  expect(statuses).toEqual(['disconnected']);
});

test('a listen callback that throws when told of a failure is logged, and does not end the process', async () => {
  await using holder = await serve([NeverController]);
  const logger = new KeepingLogger();
  Logger.overrideLogger(logger);
  const fail = () => {
    throw new Error('careless callback');
  };
  const thrown = await uncaught(async () => {
    holder.strategy.listen(fail);
    new FreelanceTransportServer({ bind: holder.endpoints }).listen(fail);
    const careless = () => logger.lines.filter((line) => line.includes('careless callback'));
    await eventually(() => expect(careless()).toHaveLength(2));
  });
  expect(thrown).toEqual([]);
});

test.each([true, false])(
  'a libzmq socket that somebody else closes is reported in the log and, if there is a listener (%s), to it',
  async (listens) => {
    await using served = await serve([NeverController], { engine: 'libzmq' });
    const logger = new KeepingLogger();
    Logger.overrideLogger(logger);
    const heard: unknown[] = [];
    if (listens) served.strategy.on('error', (error) => heard.push(error));
    served.strategy.unwrap<Router>().close();
    await eventually(() => expect(logger.lines.join('\n')).toMatch(/^error \[Server\]/m));
    expect(heard).toHaveLength(listens ? 1 : 0);
  },
);
