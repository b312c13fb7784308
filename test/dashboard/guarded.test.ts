import {
  type CanActivate,
  type ExecutionContext,
  type INestApplication,
  Injectable,
  Module,
  UnauthorizedException,
} from '@nestjs/common';
import { NestFactory } from '@nestjs/core';
import { ClientsModule } from '@nestjs/microservices';
import { ExpressAdapter } from '@nestjs/platform-express';
import { FastifyAdapter, type NestFastifyApplication } from '@nestjs/platform-fastify';
import { FreelanceClientProxy, FreelanceTransportServer } from 'nestjs-freelance';
import type { Browser, BrowserContextOptions, Page } from 'playwright-core';
import { afterAll, afterEach, beforeAll, expect, test, vi } from 'vitest';
import { FreelanceDashboardModule } from '../../lib/dashboard/index.js';
import { describeInBrowser, openBrowser } from '../support/browser.js';

/** Longer than whatever a busy machine needs. */
const PATIENCE_MS = 250_000;

// Several such waits follow each other.
vi.setConfig({ testTimeout: 2 * PATIENCE_MS, hookTimeout: 2 * PATIENCE_MS });

const USER = { username: 'admin', password: 'secret' };

/** As docs/dashboard.md says: the browser asks for a password, and sends it with all that the page loads. */
@Injectable()
class PasswordGuard implements CanActivate {
  canActivate(context: ExecutionContext): boolean {
    const http = context.switchToHttp();
    const { headers } = http.getRequest<{ headers: Record<string, string> }>();
    const expected = Buffer.from(`${USER.username}:${USER.password}`).toString('base64');
    if (headers['authorization'] === `Basic ${expected}`) return true;
    const response = http.getResponse<{ header(name: string, value: string): void }>();
    response.header('www-authenticate', 'Basic realm="servers"');
    throw new UnauthorizedException();
  }
}

async function create(platform: 'express' | 'fastify'): Promise<INestApplication> {
  const server = new FreelanceTransportServer({ bind: 'inproc://guarded', serverId: 'orders-1' });
  @Module({
    imports: [
      ClientsModule.register([
        {
          name: 'ORDERS',
          customClass: FreelanceClientProxy,
          options: { endpoints: ['inproc://guarded'] },
        },
      ]),
      FreelanceDashboardModule.register({
        path: 'ops/servers',
        clients: ['ORDERS'],
        servers: [{ name: 'orders', server }],
        guards: [PasswordGuard],
      }),
    ],
  })
  class AppModule {}

  const options = { logger: false as const, abortOnError: false };
  const app =
    platform === 'express'
      ? await NestFactory.create(AppModule, new ExpressAdapter(), options)
      : await NestFactory.create<NestFastifyApplication>(AppModule, new FastifyAdapter(), options);
  app.setGlobalPrefix('api');
  app.connectMicroservice({ strategy: server });
  await app.startAllMicroservices();
  await app.listen(0, '127.0.0.1');
  return app;
}

describeInBrowser('the page behind a guard, in an application that also is a server', () => {
  let browser: Browser;
  let app: INestApplication | undefined;

  beforeAll(async () => {
    browser = await openBrowser();
  });

  afterAll(() => browser?.close());

  afterEach(async () => {
    for (const context of browser.contexts()) await context.close();
    await app?.close();
    app = undefined;
  });

  async function open(options: BrowserContextOptions = {}): Promise<Page> {
    const page = await (await browser.newContext(options)).newPage();
    page.setDefaultTimeout(PATIENCE_MS);
    return page;
  }

  test.each(['express', 'fastify'] as const)(
    'asks for a password, and shows everything to who has it, with %s',
    async (platform) => {
      app = await create(platform);
      const origin = await app.getUrl();
      const url = `${origin}/api/ops/servers`;

      // A browser that was asked for a password and got none.
      const stranger = await open();
      await expect(stranger.goto(url)).rejects.toThrow('ERR_INVALID_AUTH_CREDENTIALS');

      const page = await open({ httpCredentials: USER });
      const faults: string[] = [];
      page.on('request', (request) => {
        if (!request.url().startsWith(url)) faults.push(`asked for ${request.url()}`);
      });
      page.on('pageerror', (error) => faults.push(String(error)));
      expect((await page.goto(url))?.status()).toBe(200);
      await page.getByRole('status').getByText('Connected').waitFor();
      const row = page
        .getByRole('table', { name: /^Each server/ })
        .getByRole('row')
        .filter({ hasText: 'orders' });
      await row.getByText('alive').waitFor();
      await page.getByRole('img', { name: /^1 client and 1 server. orders alive/ }).waitFor();
      await page
        .getByRole('region', { name: 'One server' })
        .getByRole('heading', { level: 3, name: 'orders' })
        .waitFor();
      expect(faults).toEqual([]);
    },
  );
});
