import { Controller, Logger } from '@nestjs/common';
import { MessagePattern } from '@nestjs/microservices';
import { FreelanceTransportServer } from 'nestjs-freelance';
import { NEVER } from 'rxjs';
import { afterEach, expect, test } from 'vitest';
import type { Router } from 'zeromq';
import { eventually } from '../support/eventually.js';
import { KeepingLogger } from '../support/keeping-logger.js';
import { connectTo, serve } from '../support/nest.js';

afterEach(() => Logger.overrideLogger(false));

@Controller()
class NeverController {
  @MessagePattern('never')
  never() {
    return NEVER;
  }
}

/** What the callback of `listen` is given, each time that it is called. */
function listen(server: FreelanceTransportServer): unknown[] {
  const told: unknown[] = [];
  server.listen((error) => told.push(error));
  return told;
}

test('a server that listens is not told to again, and stays where it is', async () => {
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

test('a server that still drains says that it cannot listen yet', async () => {
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

test('a server that cannot bind is disconnected', async () => {
  await using holder = await serve([NeverController]);
  const server = new FreelanceTransportServer({ bind: holder.endpoints });
  const statuses: string[] = [];
  server.status.subscribe((status) => statuses.push(status));
  const told = listen(server);
  await eventually(() => expect(told).toEqual([expect.any(Error)]));
  expect(statuses).toEqual(['disconnected']);
});

test.each([true, false])(
  'a socket of libzmq that somebody has closed is an error, in the log and, if somebody listens (%s), there',
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
