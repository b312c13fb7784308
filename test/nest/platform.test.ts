import { Controller, Module } from '@nestjs/common';
import { NestFactory } from '@nestjs/core';
import { MessagePattern } from '@nestjs/microservices';
import { lastValueFrom } from 'rxjs';
import { afterEach, expect, test } from 'vitest';
import { systemEnvironment } from '../../lib/agents/clock.js';
import type { FreelanceClientOptions } from '../../lib/nest/options/client-options.js';
import { FreelanceClientProxy } from '../../lib/nest/client/freelance-client-proxy.js';
import type { Platform } from '../../lib/nest/platform.js';
import { FreelanceTransportServer } from '../../lib/nest/server/freelance-transport-server.js';
import { memorySockets } from '../../lib/sockets/memory/memory-sockets.js';
import { clientAttempts, clientCalls, serverCalls } from '../../lib/telemetry/channels.js';
import { eventually } from '../support/eventually.js';

const LATER_MS = 1e9;

/** The system, but a billion milliseconds ahead. */
function platformAhead(): Platform & { readonly opened: { close(): void }[] } {
  const { clock } = systemEnvironment;
  const opened: { close(): void }[] = [];
  return {
    environment: {
      ...systemEnvironment,
      clock: { ...clock, now: () => clock.now() + LATER_MS },
    },
    socketsOf: () => memorySockets(),
    serverOpened: (agent) => opened.push(agent),
    opened,
  };
}

@Controller()
class Sums {
  @MessagePattern('sum')
  sum(): number {
    return 3;
  }

  @MessagePattern('wait')
  wait(): Promise<never> {
    return new Promise(() => {});
  }
}

@Module({ controllers: [Sums] })
class SumsModule {}

const cleanUps: (() => unknown)[] = [];
afterEach(async () => {
  for (const cleanUp of cleanUps.splice(0)) await cleanUp();
});

async function started(platform: Platform, options: Partial<FreelanceClientOptions> = {}) {
  const strategy = new FreelanceTransportServer({ bind: 'inproc://platform' }, platform);
  const app = await NestFactory.createMicroservice(SumsModule, { strategy, logger: false });
  await app.listen();
  const client = new FreelanceClientProxy(
    {
      endpoints: 'inproc://platform',
      serializer: { serialize: (packet: unknown) => packet },
      ...options,
    },
    platform,
  );
  cleanUps.push(
    () => client.close(),
    () => app.close(),
  );
  return client;
}

test('calls, their attempts and their handlers are timed by the clock of the platform', async () => {
  const times: number[] = [];
  for (const { asyncEnd } of [clientCalls, clientAttempts, serverCalls]) {
    const keep = (message: unknown) => {
      const { startedAt, endedAt } = message as { startedAt: number; endedAt: number };
      times.push(startedAt, endedAt);
    };
    asyncEnd.subscribe(keep);
    cleanUps.push(() => asyncEnd.unsubscribe(keep));
  }
  const client = await started(platformAhead());
  expect(await lastValueFrom(client.send('sum', 1))).toBe(3);
  await eventually(() => expect(times).toHaveLength(6));
  expect(Math.min(...times)).toBeGreaterThan(LATER_MS);
});

test('the platform gets each agent of a server, and may end it without a drain', async () => {
  const platform = platformAhead();
  const client = await started(platform, { connectTimeout: 50 });
  const waits = lastValueFrom(client.send('wait', 1));
  await eventually(() => expect(client.stats().pending).toBe(1));
  expect(platform.opened).toHaveLength(1);
  platform.opened[0]?.close();
  await expect(waits).rejects.toMatchObject({ code: 'ECONNREFUSED' });
});
