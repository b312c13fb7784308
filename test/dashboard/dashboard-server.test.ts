import { once } from 'node:events';
import { readdirSync } from 'node:fs';
import { request } from 'node:http';
import { connect, type Socket } from 'node:net';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { CONTENT_SECURITY_POLICY } from '../../lib/dashboard/answer.js';
import { Dashboard } from '../../lib/dashboard/dashboard.js';
import { DashboardServer } from '../../lib/dashboard/dashboard-server.js';
import { PAGE_FILES, pageFile } from '../../lib/dashboard/page-files.js';
import { eventually } from '../support/eventually.js';
import { eventOf, FakeWatch, patternOf, snapshotOf } from './fake-fleet.js';
import { StreamReader } from './sse.js';

let watch: FakeWatch;
let dashboard: Dashboard;
let server: DashboardServer;
let url: string;

beforeEach(async () => {
  watch = new FakeWatch();
  dashboard = new Dashboard(watch, { maxViewers: 2, onlyWhileWatched: false });
  server = new DashboardServer(dashboard);
  url = await server.listen(0);
});

afterEach(() => server.close());

/** `fetch` sets some headers itself. */
function status(path: string, headers: Record<string, string>, method = 'GET'): Promise<number> {
  return new Promise((resolve, reject) => {
    request(new URL(path, url), { method, headers }, (response) => {
      response.resume();
      resolve(response.statusCode ?? 0);
    })
      .on('error', reject)
      .end();
  });
}

describe('the page', () => {
  test('consists of exactly the files in its folder', () => {
    const folder = new URL('../../lib/dashboard/page', import.meta.url);
    const files = readdirSync(folder).filter((name) => name !== 'tsconfig.json');
    expect(files.toSorted()).toEqual(['index.html', ...PAGE_FILES].toSorted());
  });

  test.each(['', ...PAGE_FILES])(
    'comes with a policy that allows its own server only: /%s',
    async (name) => {
      const response = await fetch(`${url}${name}`);
      expect(response.status).toBe(200);
      expect(response.headers.get('content-security-policy')).toBe(CONTENT_SECURITY_POLICY);
      expect(response.headers.get('x-content-type-options')).toBe('nosniff');
      expect(response.headers.get('cache-control')).toContain('no-store');
      expect(await response.text()).not.toBe('');
    },
  );

  test('the policy begins with nothing at all, and adds the own server', () => {
    const [first, ...rest] = CONTENT_SECURITY_POLICY.split('; ');
    expect(first).toBe("default-src 'none'");
    for (const rule of rest) expect(rule).toMatch(/ '(self|none)'$/);
  });

  test('names no other server, and writes no HTML, in any of its files', () => {
    for (const name of ['index.html', ...PAGE_FILES] as const) {
      const { text } = pageFile(name);
      const addresses = text.match(/(https?:)?\/\/[\w.-]+\.\w+[^\s'"]*/g) ?? [];
      expect(addresses.filter((address) => !address.endsWith('www.w3.org/2000/svg'))).toEqual([]);
      expect(text).not.toMatch(/innerHTML|outerHTML|insertAdjacentHTML|document\.write|\beval\b/);
      expect(text).not.toMatch(/\bstyle="|\son\w+="/);
    }
  });
});

describe('the server of the command', () => {
  test('listens at the loopback interface', () => {
    expect(url).toMatch(/^http:\/\/127\.0\.0\.1:\d+\/$/);
  });

  test('answers to its own names only: a name that was made to lead here gets nothing', async () => {
    const { port } = new URL(url);
    expect(await status('/', { host: `127.0.0.1:${port}` })).toBe(200);
    expect(await status('/', { host: `LOCALHOST:${port}` })).toBe(200);
    for (const path of ['/', '/history', '/events', '/page.js']) {
      expect(await status(path, { host: `evil.example:${port}` })).toBe(421);
      expect(await status(path, { host: '127.0.0.1' })).toBe(421);
    }
  });

  test('can change nothing: other methods are refused', async () => {
    for (const method of ['POST', 'PUT', 'DELETE', 'PATCH', 'OPTIONS']) {
      expect(await status('/events', {}, method)).toBe(405);
    }
    expect(await status('/events', {}, 'HEAD')).toBe(200);
    expect(await status('/', {}, 'HEAD')).toBe(200);
  });

  test('has nothing but the page: no other file can be reached', async () => {
    for (const path of [
      '/tsconfig.json',
      '/../answer.js',
      '/%2e%2e/answer.js',
      '/index.html/x',
      '/x',
    ]) {
      expect(await status(path, {})).toBe(404);
    }
  });

  test('gives the places of viewers to no page of another site', async () => {
    expect(await status('/events', { 'sec-fetch-site': 'cross-site' })).toBe(403);
    expect(await status('/history', { 'sec-fetch-site': 'cross-site' })).toBe(403);
    expect(await status('/', { 'sec-fetch-site': 'cross-site' })).toBe(200);
  });

  test('a port that is taken is an error', async () => {
    const other = new DashboardServer(
      new Dashboard(watch, { maxViewers: 1, onlyWhileWatched: true }),
    );
    await expect(other.listen(Number(new URL(url).port))).rejects.toThrow('EADDRINUSE');
  });
});

describe('the events', () => {
  test('come as they happen, with the history first', async () => {
    watch.tell(snapshotOf(1000, { events: [eventOf()] }));
    await using reader = await StreamReader.open(`${url}events`);
    expect(reader.response.headers.get('content-type')).toBe('text/event-stream; charset=utf-8');
    const [hello, first] = await reader.take(2);
    expect(reader.retry).toBe(1000);
    expect(hello).toMatchObject({ event: 'hello', data: { keepMs: 600_000 } });
    expect(first).toMatchObject({
      event: 'message',
      data: { at: 1000, events: [{ kind: 'down' }] },
    });
    watch.tell(snapshotOf(2000));
    expect(await reader.next()).toMatchObject({ data: { at: 2000 } });
  });

  test('go on where a lost connection left off', async () => {
    for (let at = 1; at <= 5; at++) watch.tell(snapshotOf(at));
    let id = '';
    {
      await using before = await StreamReader.open(`${url}events`);
      id = (await before.take(4)).at(-1)?.id ?? '';
    }
    await using after = await StreamReader.open(`${url}events`, { 'last-event-id': id });
    const events = await after.take(3);
    expect(events.slice(1)).toMatchObject([{ data: { at: 4 } }, { data: { at: 5 } }]);
  });

  test('a page too many is told so, and when to come again', async () => {
    await using one = await StreamReader.open(`${url}events`);
    await one.take(1);
    {
      await using two = await StreamReader.open(`${url}events`);
      await two.take(1);
      await using third = await StreamReader.open(`${url}events`);
      expect(await third.next()).toEqual({ id: undefined, event: 'full', data: { max: 2 } });
      expect(third.retry).toBe(15_000);
      expect(await third.next()).toBeUndefined();
    }
    await eventually(async () => {
      await using next = await StreamReader.open(`${url}events`);
      expect(await next.next()).toMatchObject({ event: 'hello' });
    });
  });

  test('end when the dashboard closes, which then answers nothing', async () => {
    await using reader = await StreamReader.open(`${url}events`);
    await reader.take(1);
    dashboard.close();
    expect(await reader.next()).toBeUndefined();
    expect((await fetch(`${url}history`)).status).toBe(503);
    expect(watch.isWatching).toBe(false);
  });
});

test('the history is one JSON document', async () => {
  for (let at = 1; at <= 3; at++) watch.tell(snapshotOf(at));
  const response = await fetch(`${url}history`);
  expect(response.headers.get('content-type')).toBe('application/json; charset=utf-8');
  expect(await response.json()).toMatchObject({
    keepMs: 600_000,
    snapshots: [{ at: 1 }, { at: 2 }, { at: 3 }],
  });
});

describe('of the history', () => {
  /** Takes nothing of what it gets: more than the buffers of two sockets hold is on its way. */
  async function stuckReader(): Promise<Socket> {
    const { hostname, port } = new URL(url);
    const socket = connect(Number(port), hostname).pause();
    socket.on('error', () => {});
    socket.write(`GET /history HTTP/1.1\r\nHost: ${hostname}:${port}\r\n\r\n`);
    await once(socket, 'readable');
    return socket;
  }

  beforeEach(() => {
    const patterns = Array.from({ length: 40 }, (_, index) => patternOf(`${index}`.repeat(90)));
    for (let at = 1; at <= 2000; at++) watch.tell(snapshotOf(at, { patterns }));
  });

  test('as many read it at once as pages may be open; a further one is told when to come again', async () => {
    const stuck = [await stuckReader(), await stuckReader()];
    const refused = await fetch(`${url}history`);
    expect(refused.status).toBe(503);
    expect(refused.headers.get('retry-after')).toBe('15');
    expect(await refused.text()).toContain('maxViewers');
    // The places are apart: a page still opens, and HEAD needs none.
    expect(await status('/history', {}, 'HEAD')).toBe(200);
    await using page = await StreamReader.open(`${url}events`);
    expect(await page.next()).toMatchObject({ event: 'hello' });

    stuck[0]?.destroy();
    await eventually(async () => expect((await fetch(`${url}history`)).status).toBe(200));
    stuck[1]?.destroy();
  });

  test('one that was read to its end gives its place back', async () => {
    for (let reader = 0; reader < 5; reader++) {
      await eventually(async () => {
        const response = await fetch(`${url}history`);
        expect(response.status).toBe(200);
        expect(await response.json()).toMatchObject({ keepMs: 600_000 });
      });
    }
  });
});

test('the history is valid JSON before there is any', async () => {
  expect(await (await fetch(`${url}history`)).json()).toEqual({ keepMs: 600_000, snapshots: [] });
});
