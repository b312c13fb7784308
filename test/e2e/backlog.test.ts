import { setTimeout as delay } from 'node:timers/promises';
import { Controller } from '@nestjs/common';
import { MessagePattern, Payload } from '@nestjs/microservices';
import { firstValueFrom } from 'rxjs';
import { expect, test } from 'vitest';
import { eventually } from '../support/eventually.js';
import { connectTo, serve } from '../support/nest.js';
import { freeEndpoint } from '../support/ports.js';

@Controller()
class WorkController {
  @MessagePattern('work')
  async work(@Payload() value: unknown) {
    await delay(10);
    return value;
  }
}

/** Few places, so that most of a backlog sent at once would be refused. */
const SMALL = { maxConcurrency: 8, maxQueue: 8, drainTimeout: 0 };

test('calls that wait while all servers restart are answered afterwards, and none fails with OVERLOADED', async () => {
  const endpoints = [await freeEndpoint(), await freeEndpoint(), await freeEndpoint()];
  const start = () =>
    Promise.all(endpoints.map((bind) => serve([WorkController], { ...SMALL, bind })));
  const before = await start();
  using client = connectTo(endpoints, { connectTimeout: 120_000 });
  expect(await firstValueFrom(client.send('work', 'first'))).toBe('first');
  for (const server of before) await server[Symbol.asyncDispose]();
  await eventually(() => {
    const states = Object.values(client.stats().endpoints).map(({ state }) => state);
    expect(states).toEqual(['dead', 'dead', 'dead']);
  });
  const calls = Array.from({ length: 400 }, (_, n) => firstValueFrom(client.send('work', n)));
  const outcomes = Promise.allSettled(calls);
  expect(client.stats().pending).toBe(400);
  const [bind = '', ...others] = endpoints;
  const first = await serve([WorkController], { ...SMALL, bind });
  await eventually(() => expect(client.stats().pending).toBeLessThan(400));
  const later = await Promise.all(
    others.map((endpoint) => serve([WorkController], { ...SMALL, bind: endpoint })),
  );
  const failed = (await outcomes).filter(({ status }) => status === 'rejected');
  expect(failed).toEqual([]);
  for (const server of [first, ...later]) await server[Symbol.asyncDispose]();
});
