import {
  type CanActivate,
  Controller,
  type DynamicModule,
  type ExecutionContext,
  Get,
  type INestApplication,
  Injectable,
  Logger,
  Module,
  VersioningType,
} from '@nestjs/common';
import { APP_GUARD, NestFactory } from '@nestjs/core';
import { ClientsModule, MessagePattern } from '@nestjs/microservices';
import { ExpressAdapter } from '@nestjs/platform-express';
import { FastifyAdapter, type NestFastifyApplication } from '@nestjs/platform-fastify';
import { FreelanceClientProxy } from 'nestjs-freelance';
import type { Server } from 'node:http';
import { connect } from 'node:net';
import { lastValueFrom } from 'rxjs';
import { afterEach, describe, expect, onTestFinished, test, vi } from 'vitest';
import { Dashboard } from '../../lib/dashboard/dashboard.js';
import {
  FreelanceDashboardModule,
  type FreelanceDashboardOptions,
} from '../../lib/dashboard/index.js';
import { eventually } from '../support/eventually.js';
import { serve } from '../support/nest.js';
import { StreamReader } from './sse.js';

/** Nobody listens there. */
const NOBODY = 'tcp://127.0.0.1:9';

@Controller()
class OwnController {
  @Get('own')
  own() {
    return 'own';
  }
}

/** Who has the key may see it. */
@Injectable()
class KeyGuard implements CanActivate {
  canActivate(context: ExecutionContext): boolean {
    const { headers } = context.switchToHttp().getRequest<{ headers: Record<string, string> }>();
    return headers['x-key'] === 'secret';
  }
}

/** Given once, awaited by others. */
class Signal {
  give: () => void = () => {};
  readonly given = new Promise<void>((resolve) => {
    this.give = resolve;
  });
}

let app: INestApplication | undefined;

afterEach(async () => {
  await app?.close();
  app = undefined;
});

const PLATFORMS = ['express', 'fastify'] as const;

async function start(
  platform: (typeof PLATFORMS)[number],
  imports: DynamicModule[],
  configure: (created: INestApplication) => void = () => {},
  providers: NonNullable<DynamicModule['providers']> = [],
): Promise<string> {
  @Module({
    imports: [
      ClientsModule.register([
        { name: 'NOBODY', customClass: FreelanceClientProxy, options: { endpoints: [NOBODY] } },
      ]),
      ...imports,
    ],
    controllers: [OwnController],
    providers,
  })
  class AppModule {}

  const options = { logger: false as const, abortOnError: false, forceCloseConnections: false };
  app =
    platform === 'express'
      ? await NestFactory.create(AppModule, new ExpressAdapter(), options)
      : await NestFactory.create<NestFastifyApplication>(AppModule, new FastifyAdapter(), options);
  configure(app);
  await app.listen(0, '127.0.0.1');
  return (await app.getUrl()).replace('[::1]', '127.0.0.1');
}

const page = (options: Partial<FreelanceDashboardOptions> = {}) =>
  FreelanceDashboardModule.register({ clients: ['NOBODY'], guards: [], ...options });

const status = async (url: string, headers: Record<string, string> = {}) =>
  (await fetch(url, { headers })).status;

describe.each(PLATFORMS)('FreelanceDashboardModule with %s', (platform) => {
  test('serves the page, its files, and events, beside the application', async () => {
    const url = await start(platform, [page()]);
    const response = await fetch(`${url}/freelance`);
    expect(response.headers.get('content-security-policy')).toContain("default-src 'none'");
    const script = /src="([^"]+)"/.exec(await response.text())?.[1] ?? '';
    expect(await status(new URL(script, response.url).href)).toBe(200);
    await using reader = await StreamReader.open(`${url}/freelance/events`);
    expect(await reader.next()).toMatchObject({ event: 'hello' });
    expect(await reader.next()).toMatchObject({
      data: { clients: [{ name: 'NOBODY' }], servers: [] },
    });
    expect(await (await fetch(`${url}/own`)).text()).toBe('own');
    expect(await status(`${url}/freelance/tsconfig.json`)).toBe(404);
    expect(await status(`${url}/page.js`)).toBe(404);
  });

  test('a page at a prefix of several segments finds its files, whatever versions the application has', async () => {
    const url = await start(platform, [page({ path: '/admin/fleet/' })], (created) => {
      created.setGlobalPrefix('api');
      created.enableVersioning({ type: VersioningType.URI, defaultVersion: '7' });
    });
    const response = await fetch(`${url}/api/admin/fleet`);
    expect(response.status).toBe(200);
    const [, script = ''] = /src="([^"]+)"/.exec(await response.text()) ?? [];
    expect(await status(new URL(script, response.url).href)).toBe(200);
    expect(await status(`${url}/api/v7/own`)).toBe(200);
  });

  test('versions in headers leave it alone: browsers send none', async () => {
    const url = await start(platform, [page()], (created) => {
      created.enableVersioning({ type: VersioningType.HEADER, header: 'x-version' });
    });
    expect(await status(`${url}/freelance`)).toBe(200);
    expect(await status(`${url}/freelance/history`)).toBe(200);
  });

  test('its guards are asked for the page and for all that it loads', async () => {
    const url = await start(platform, [page({ guards: [KeyGuard] })]);
    for (const path of ['', '/page.js', '/page.css', '/history', '/events']) {
      expect(await status(`${url}/freelance${path}`)).toBe(403);
    }
    expect(await status(`${url}/freelance`, { 'x-key': 'secret' })).toBe(200);
    await using reader = await StreamReader.open(`${url}/freelance/events`, { 'x-key': 'secret' });
    expect(await reader.next()).toMatchObject({ event: 'hello' });
    expect(await status(`${url}/own`)).toBe(200);
  });

  test('global guards are asked, too', async () => {
    const url = await start(platform, [page({ guards: undefined })], undefined, [
      { provide: APP_GUARD, useClass: KeyGuard },
    ]);
    expect(await status(`${url}/freelance`)).toBe(403);
    expect(await status(`${url}/freelance/events`)).toBe(403);
    expect(await status(`${url}/freelance/history`, { 'x-key': 'secret' })).toBe(200);
  });

  test('several pages in one application show what each was given', async () => {
    const url = await start(platform, [
      page({ path: 'one', clients: [{ name: 'first', client: 'NOBODY' }] }),
      page({ path: 'two', clients: [{ name: 'second', client: 'NOBODY' }], guards: [KeyGuard] }),
    ]);
    await using reader = await StreamReader.open(`${url}/one/events`);
    expect((await reader.take(2))[1]).toMatchObject({ data: { clients: [{ name: 'first' }] } });
    expect(await status(`${url}/two`)).toBe(403);
    await using other = await StreamReader.open(`${url}/two/events`, { 'x-key': 'secret' });
    expect((await other.take(2))[1]).toMatchObject({ data: { clients: [{ name: 'second' }] } });
  });

  test('a reader that left while a guard asked takes no place', async () => {
    const asked = new Signal();
    const left = new Signal();
    const allowed = new Signal();
    const stream = vi.spyOn(Dashboard.prototype, 'stream');
    onTestFinished(() => stream.mockRestore());
    let isFirst = true;
    const guard: CanActivate = {
      async canActivate() {
        if (isFirst) {
          isFirst = false;
          asked.give();
          await allowed.given;
        }
        return true;
      },
    };
    const url = await start(platform, [page({ guards: [guard], maxViewers: 1 })], (created) => {
      const server = created.getHttpServer() as Server;
      server.once('connection', (socket) => socket.once('close', left.give));
    });
    const abort = new AbortController();
    const early = fetch(`${url}/freelance/events`, { signal: abort.signal });
    await asked.given;
    abort.abort();
    await expect(early).rejects.toThrow('aborted');
    await left.given;
    allowed.give();
    await eventually(() => expect(stream).toHaveBeenCalledOnce());
    await using reader = await StreamReader.open(`${url}/freelance/events`);
    expect(await reader.next()).toMatchObject({ event: 'hello' });
  });

  test('a reader of the history that takes nothing does not keep the application from closing', async () => {
    const reading = new Signal();
    const history = vi.spyOn(Dashboard.prototype, 'historyJson');
    onTestFinished(() => history.mockRestore());
    history.mockImplementation(function* () {
      for (;;) {
        yield 'x'.repeat(65_536);
        reading.give();
      }
    });
    const url = await start(platform, [page()]);
    const socket = connect(Number(new URL(url).port), '127.0.0.1');
    onTestFinished(() => void socket.destroy());
    socket.on('error', () => {});
    socket.write('GET /freelance/history HTTP/1.1\r\nHost: x\r\n\r\n');
    await reading.given;
    await expect(app?.close()).resolves.toBeUndefined();
    app = undefined;
  });

  test('open pages do not keep the application from closing', async () => {
    const url = await start(platform, [page()]);
    await using reader = await StreamReader.open(`${url}/freelance/events`);
    await reader.take(1);
    await app?.close();
    app = undefined;
    // What was on its way, then the end.
    await expect(reader.rest()).resolves.toBeInstanceOf(Array);
  });
});

test('shows a real server: as the client sees it, and what it says of itself', async () => {
  @Controller()
  class SumController {
    @MessagePattern('sum')
    sum(numbers: number[]) {
      return numbers.reduce((total, number) => total + number, 0);
    }
  }
  await using served = await serve([SumController], { serverId: 'summer' });
  const [endpoint = ''] = served.endpoints;
  const client = new FreelanceClientProxy({ endpoints: served.endpoints });
  const url = await start('express', [
    page({ clients: [{ name: 'shop', client }], endpoints: [endpoint] }),
  ]);
  await using reader = await StreamReader.open(`${url}/freelance/events`);
  await reader.take(1);
  await eventually(async () => {
    await lastValueFrom(client.send('sum', [1, 2]));
    expect(await reader.next()).toMatchObject({
      data: {
        clients: [{ name: 'shop', links: [{ endpoint, state: 'alive' }] }],
        servers: [{ endpoint, id: 'summer', state: 'alive', patterns: [{ pattern: 'sum' }] }],
      },
    });
  });
  client.close();
});

describe('what is wrong is said', () => {
  test.each([
    [{}, 'clients must name a client, unless servers or endpoints do, but is an empty list'],
    [{ clients: 'NOBODY' }, 'clients must be a list, but is "NOBODY"'],
    [{ clients: ['A'], guards: KeyGuard }, 'guards must be a list, but is a function'],
    [{ clients: ['A'], maxViewers: 0 }, 'maxViewers must be a whole number, at least 1'],
    [{ clients: ['A'], path: 7 }, 'path must be a string'],
    [{ clients: ['A'], pth: '/x' }, 'there is no option "pth"'],
  ])('of the options %j', (options, message) => {
    const register = () => FreelanceDashboardModule.register(options as FreelanceDashboardOptions);
    expect(register).toThrow(`FreelanceDashboardModule: ${message}`);
  });

  test('of a client that nobody provides, and of one that is none', async () => {
    await expect(start('express', [page({ clients: ['MISSING'] })])).rejects.toThrow(
      'FreelanceDashboardModule: clients names MISSING, but no module provides it.',
    );
    await app?.close();
    app = undefined;
    await expect(start('express', [page({ clients: [OwnController] })])).rejects.toThrow(
      'FreelanceDashboardModule: clients names OwnController, which must be a FreelanceClientProxy, but is an object of the class OwnController.',
    );
  });

  test('that a page has no guards is logged once, unless that is confirmed', async () => {
    const warn = vi.spyOn(Logger.prototype, 'warn').mockImplementation(() => {});
    await start('express', [page({ guards: undefined }), page({ path: 'other', guards: [] })]);
    const about = warn.mock.calls.filter(([text]) => String(text).includes('has no guards'));
    expect(about).toHaveLength(1);
    expect(about[0]?.[0]).toContain('/freelance');
    warn.mockRestore();
  });

  test('that two pages have the same path is logged: Express serves one of them', async () => {
    const warn = vi.spyOn(Logger.prototype, 'warn').mockImplementation(() => {});
    const paths = ['other', '/freelance', 'Freelance/'];
    await start(
      'express',
      paths.map((path) => page({ path, guards: [] })),
    );
    const about = warn.mock.calls.filter(([text]) => String(text).includes('Two pages'));
    expect(about).toEqual([[expect.stringContaining('at Freelance/: only one')]]);
    warn.mockRestore();
  });
});
