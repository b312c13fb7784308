import { Controller, Logger } from '@nestjs/common';
import { MessagePattern, RpcException } from '@nestjs/microservices';
import type { FreelanceClientOptions } from 'nestjs-freelance';
import { firstValueFrom } from 'rxjs';
import { afterEach, expect, test } from 'vitest';
import { KeepingLogger } from '../support/keeping-logger.js';
import { connectTo, serve } from '../support/nest.js';

const worksFor = 10;

afterEach(() => Logger.overrideLogger(['error', 'fatal']));

@Controller()
class Well {
  @MessagePattern('order')
  async order(): Promise<string> {
    await new Promise((worked) => setTimeout(worked, worksFor));
    return 'done';
  }
}

@Controller()
class Broken {
  @MessagePattern('order')
  order(): string {
    throw new Error('the pool of connections is closed');
  }
}

@Controller()
class Denying {
  @MessagePattern('order')
  order(): string {
    throw new RpcException('there is no such order');
  }
}

/** Eight callers call three servers, of which the first one fails in this way. */
async function outcome(kind: new () => object, options: Partial<FreelanceClientOptions> = {}) {
  await using bad = await serve([kind]);
  await using good = await serve([Well]);
  await using alsoGood = await serve([Well]);
  const endpoints = [bad, good, alsoGood].flatMap((server) => server.endpoints);
  // Otherwise an application without a logger would silence all output.
  const log = new KeepingLogger();
  Logger.overrideLogger(log);
  using client = connectTo(endpoints, options);
  await client.connect();
  let failed = 0;
  const caller = async () => {
    for (let n = 0; n < 60; n++) {
      await firstValueFrom(client.send('order', n)).catch(() => failed++);
    }
  };
  await Promise.all(Array.from({ length: 8 }, caller));
  const [endpoint = ''] = endpoints;
  return { log, share: failed / 480, endpoint, server: client.stats().endpoints[endpoint] };
}

// `test/agents/client/failing-servers.test.ts` asserts exact shares in virtual time.
test('a server whose handlers throw is ejected, and the log says so', async () => {
  const { log, share, endpoint, server } = await outcome(Broken);
  expect(share).toBeLessThan(0.3);
  expect(server?.ejections).toBeGreaterThan(0);
  expect(log.lines.join()).toMatch(
    new RegExp(`warn \\[FreelanceClientProxy\\] .*${endpoint} .*is suspect: failing`),
  );
});

test('a server whose handlers throw RpcExceptions gets no more than its share', async () => {
  const { share, server } = await outcome(Denying);
  expect(share).toBeLessThan(0.45);
  expect(server).toMatchObject({ state: 'alive', ejections: 0 });
});

test('isFailure decides what counts as a failure, and receives what callers get', async () => {
  const asked: unknown[] = [];
  const isFailure = (error: unknown) => asked.push(error) > 0;
  const { server } = await outcome(Denying, { isFailure });
  expect(server?.ejections).toBeGreaterThan(0);
  expect(asked[0]).toEqual({ status: 'error', message: 'there is no such order' });
});

test('isFailure works with a deserializer, too', async () => {
  const asked: unknown[] = [];
  const { server } = await outcome(Denying, {
    isFailure: (error) => asked.push(error) > 0,
    deserializer: {
      deserialize: (packet: { err?: unknown }) => (packet.err ? { err: 'in other words' } : packet),
    },
  });
  expect(server?.ejections).toBeGreaterThan(0);
  expect(asked[0]).toBe('in other words');
});

test('an isFailure that throws is logged once and ejects no server', async () => {
  const { log, server } = await outcome(Broken, {
    isFailure: () => {
      throw new Error('a bug of the rule');
    },
  });
  expect(server?.ejections).toBe(0);
  expect(
    log.of('FreelanceClientProxy').filter((line) => line.includes('a bug of the rule')),
  ).toHaveLength(1);
});
