import { Controller, Logger, Module } from '@nestjs/common';
import { NestFactory } from '@nestjs/core';
import { ClientsModule, EventPattern, MessagePattern } from '@nestjs/microservices';
import {
  FreelanceClientProxy,
  FreelanceTransportServer,
  generateCurveKeyPair,
} from 'nestjs-freelance';
import { firstValueFrom, lastValueFrom } from 'rxjs';
import { afterEach, expect, test } from 'vitest';
import { Dealer } from 'zeromq';
import { eventually } from '../support/eventually.js';
import { KeepingLogger } from '../support/keeping-logger.js';
import { connectTo, serve } from '../support/nest.js';
import { freeEndpoint } from '../support/ports.js';
import { curveClient, curveServer, keys } from '../support/security.js';

@Controller()
class WordsController {
  @MessagePattern('words')
  words() {
    return 'words';
  }

  @MessagePattern('unwritable')
  unwritable() {
    return { big: 1n };
  }
}

afterEach(() => {
  Logger.flush();
  Logger.overrideLogger(false);
});

async function startBuffered(bind: string) {
  @Module({
    controllers: [WordsController],
    imports: [
      ClientsModule.register([
        { name: 'SELF', customClass: FreelanceClientProxy, options: { endpoints: bind } },
      ]),
    ],
  })
  class ServedModule {}

  const strategy = new FreelanceTransportServer({ bind, serverId: 'words-1' });
  const app = await NestFactory.createMicroservice(ServedModule, { strategy, bufferLogs: true });
  return { app, client: app.get<FreelanceClientProxy>('SELF') };
}

test('client and server logs are buffered until the application has its logger', async () => {
  const endpoint = await freeEndpoint();
  const logger = new KeepingLogger();
  Logger.overrideLogger(logger);
  const { app, client } = await startBuffered(endpoint);
  // Nobody listens yet, so the client has something to log.
  const down = new Promise((resolve) => client.on('down', resolve));
  client.connect().catch(() => {});
  await down;
  expect(logger.lines).toEqual([]);
  app.useLogger(logger);
  await app.listen();
  expect(logger.of('NestFactory')).toHaveLength(1);
  expect(logger.of('FreelanceClientProxy')[0]).toBe(
    `warn [FreelanceClientProxy] ${endpoint} is down: the connection was refused`,
  );
  await app.close();
});

test("client and server log by the application's logger, under their class names", async () => {
  const endpoint = await freeEndpoint();
  const logger = new KeepingLogger();
  const { app, client } = await startBuffered(endpoint);
  app.useLogger(logger);
  await app.listen();
  expect(await firstValueFrom(client.send('words', {}))).toBe('words');
  await expect(firstValueFrom(client.send('unwritable', {}))).rejects.toMatchObject({
    status: 'error',
  });
  expect(logger.of('FreelanceClientProxy')).toContain(
    `debug [FreelanceClientProxy] ${endpoint} (words-1) is alive`,
  );
  // Nest's base class of servers names the logger.
  expect(logger.of('Server')).toEqual([
    `log [Server] Listens at ${endpoint} as words-1 (security: none)`,
    expect.stringContaining('error [Server] Do not know how to serialize a BigInt'),
  ]);
  await app.close();
});

test('without a logger nothing is logged, and nothing fails', async () => {
  const { app, client } = await startBuffered(await freeEndpoint());
  app.useLogger(false);
  await app.listen();
  expect(await firstValueFrom(client.send('words', {}))).toBe('words');
  await app.close();
});

/** Runs a server and a client in this process and keeps the log. */
async function withLog(run: (logger: KeepingLogger) => Promise<void>): Promise<void> {
  const logger = new KeepingLogger();
  Logger.overrideLogger(logger);
  try {
    await run(logger);
  } finally {
    Logger.overrideLogger(false);
  }
}

@Controller()
class EmptyController {
  @EventPattern('known')
  known(_data: unknown) {}
}

/** Like `serve`, without a logger. */
async function serveLogging(logger: KeepingLogger, more: Parameters<typeof serve>[1] = {}) {
  const served = await serve([EmptyController], more);
  Logger.overrideLogger(logger);
  return served;
}

test('events without a handler are logged a few times, in one line each, whatever their patterns contain', () =>
  withLog(async (logger) => {
    await using served = await serveLogging(logger);
    using client = connectTo(served.endpoints);
    const forged = `x\n[Nest] 1 ERROR all is lost \u001B[31m${'y'.repeat(5000)}`;
    for (let round = 0; round < 20; round++) {
      const events = Array.from({ length: 50 }, (_, i) =>
        lastValueFrom(client.emit(`${forged}${round}-${i}`, {})),
      );
      await Promise.all(events);
    }
    await eventually(() =>
      expect(served.strategy.stats()).toMatchObject({ events: 1000, running: 0 }),
    );
    const lines = logger.of('Server').filter((line) => line.startsWith('error'));
    expect(lines.length).toBeGreaterThan(0);
    expect(lines.length).toBeLessThan(20);
    expect(lines[0]).toMatch(
      /^error \[Server\] There is no matching event handler defined in the remote service/,
    );
    expect(lines.filter((line) => /\p{Cc}/u.test(line) || line.length > 500)).toEqual([]);
  }));

test("calls without a handler get Nest's message, and the log names pattern and server", () =>
  withLog(async (logger) => {
    await using served = await serveLogging(logger, { serverId: 'empty-1' });
    using client = connectTo(served.endpoints);
    for (let round = 0; round < 100; round++) {
      await expect(lastValueFrom(client.send('nobody\nhere', {}))).rejects.toBe(
        'There is no matching message handler defined in the remote service.',
      );
    }
    const lines = logger.of('Server').filter((line) => line.startsWith('warn'));
    expect(lines.length).toBeLessThan(20);
    expect(lines[0]).toContain(
      String.raw`The server empty-1 has no handler for calls of the pattern nobody\nhere`,
    );
  }));

test('malformed messages are logged at debug level, a few times', () =>
  withLog(async (logger) => {
    await using served = await serveLogging(logger);
    const peer = new Dealer({ linger: 0 });
    peer.connect(served.endpoints[0] ?? '');
    for (let round = 0; round < 1000; round++) await peer.send(['', `NONSENSE\n${round}`]);
    await eventually(() => {
      const { dropped } = served.strategy.stats();
      expect(Object.values(dropped).reduce((sum, count) => sum + count, 0)).toBe(1000);
    });
    const lines = logger.of('Server').filter((line) => line.includes('Dropped'));
    expect(lines[0]).toMatch(/^debug/);
    expect(lines.length).toBeLessThan(20);
    peer.close();
  }));

test('refused clients are logged, at a bounded rate', () =>
  withLog(async (logger) => {
    await using served = await serveLogging(logger, {
      security: curveServer([keys.alice.publicKey]),
    });
    const stranger = generateCurveKeyPair();
    for (let round = 0; round < 12; round++) {
      using client = connectTo(served.endpoints, { security: curveClient(stranger) });
      await expect(client.connect()).rejects.toMatchObject({ code: 'UNAUTHORIZED' });
    }
    expect(served.strategy.stats().unauthorized).toBeGreaterThanOrEqual(12);
    const lines = logger.of('Server').filter((line) => line.includes('was refused'));
    expect(lines[0]).toMatch(/^warn/);
    expect(lines[0]).toContain(
      `refused, 127.0.0.1, with the public key ${stranger.publicKey}: its key`,
    );
    expect(lines.length).toBeLessThan(12);
  }));

test("a client's log lines contain its name and the server's id", () =>
  withLog(async (logger) => {
    const served = await serveLogging(logger, { serverId: 'empty-1' });
    const [endpoint = ''] = served.endpoints;
    using client = connectTo([endpoint], { name: 'MATH', heartbeatInterval: 50 });
    await client.connect();
    await served[Symbol.asyncDispose]();
    Logger.overrideLogger(logger);
    await eventually(() =>
      expect(logger.of('FreelanceClientProxy')).toContainEqual(
        expect.stringContaining(`warn [FreelanceClientProxy] MATH: ${endpoint} (empty-1) is down`),
      ),
    );
  }));

test('the log identifies a client without a name by its endpoints', () =>
  withLog(async (logger) => {
    const endpoints = [await freeEndpoint(), await freeEndpoint()];
    using client = connectTo(endpoints, { connectTimeout: 100 });
    await expect(client.connect()).rejects.toMatchObject({ code: 'ECONNREFUSED' });
    await eventually(() =>
      expect(logger.of('FreelanceClientProxy')).toContain(
        `warn [FreelanceClientProxy] client of ${endpoints[0]} and 1 more: ${endpoints[1]} is down: the connection was refused`,
      ),
    );
  }));
