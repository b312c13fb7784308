import { Controller, Logger, type LoggerService, Module } from '@nestjs/common';
import { NestFactory } from '@nestjs/core';
import { ClientsModule, MessagePattern } from '@nestjs/microservices';
import { FreelanceClientProxy, FreelanceTransportServer } from 'nestjs-freelance';
import { firstValueFrom } from 'rxjs';
import { afterEach, expect, test } from 'vitest';
import { freeEndpoint } from '../support/ports.js';

/** Keeps what is logged. */
class KeepingLogger implements LoggerService {
  readonly lines: string[] = [];
  readonly #keep =
    (level: string) =>
    (message: unknown, ...rest: unknown[]) => {
      const text = message instanceof Error ? message.message : String(message);
      this.lines.push(`${level} [${String(rest.at(-1))}] ${text}`);
    };
  readonly log = this.#keep('log');
  readonly error = this.#keep('error');
  readonly warn = this.#keep('warn');
  readonly debug = this.#keep('debug');

  /** What one part of the application has logged. */
  of(context: string): string[] {
    return this.lines.filter((line) => line.includes(`[${context}]`));
  }
}

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

  const strategy = new FreelanceTransportServer({ bind });
  const app = await NestFactory.createMicroservice(ServedModule, { strategy, bufferLogs: true });
  return { app, client: app.get<FreelanceClientProxy>('SELF') };
}

test('what client and server log is buffered until the application listens with its logger', async () => {
  const endpoint = await freeEndpoint();
  const logger = new KeepingLogger();
  Logger.overrideLogger(logger);
  const { app, client } = await startBuffered(endpoint);
  // Nobody listens yet: the client has something to say.
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

test('client and server log by the logger of the application, under their names', async () => {
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
    `debug [FreelanceClientProxy] ${endpoint} is alive`,
  );
  // Nest's own base class of servers names the logger.
  expect(logger.of('Server')).toEqual([
    expect.stringContaining('error [Server] Do not know how to serialize a BigInt'),
  ]);
  await app.close();
});

test('without a logger nothing is said, and nothing breaks', async () => {
  const { app, client } = await startBuffered(await freeEndpoint());
  app.useLogger(false);
  await app.listen();
  expect(await firstValueFrom(client.send('words', {}))).toBe('words');
  await app.close();
});
