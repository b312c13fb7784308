import type { IncomingMessage, OutgoingHttpHeaders, ServerResponse } from 'node:http';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { clearTimeout, setTimeout } from '../node-timers.js';
import type { Dashboard } from './dashboard.js';
import { INDEX, indexPage, PAGE_FILES, type PageFile, pageFile } from './page-files.js';
import { parseEventId } from './viewer.js';

/** The addresses below that of the page. */
export const ROUTES = ['events', 'history', ...PAGE_FILES] as const;
export type Route = (typeof ROUTES)[number] | typeof INDEX;

/**
 * The page loads from its own server only, and talks to nobody else; nobody may frame it. So whatever servers call themselves
 * or their patterns, it cannot make the page fetch or run anything.
 */
export const CONTENT_SECURITY_POLICY = [
  "default-src 'none'",
  "script-src 'self'",
  "style-src 'self'",
  "img-src 'self'",
  "connect-src 'self'",
  "base-uri 'none'",
  "form-action 'none'",
  "frame-ancestors 'none'",
].join('; ');

const HEADERS: OutgoingHttpHeaders = {
  'content-security-policy': CONTENT_SECURITY_POLICY,
  'x-content-type-options': 'nosniff',
  'x-frame-options': 'DENY',
  'referrer-policy': 'no-referrer',
  'cross-origin-opener-policy': 'same-origin',
  'cross-origin-resource-policy': 'same-origin',
  // What is behind a guard stays out of caches. `no-transform`: the middleware `compression` would hold events back.
  'cache-control': 'no-store, no-transform',
};

/** How long the whole history may take, in ms: at its most, 64 MiB, that is 0.5 MiB per second. */
const HISTORY_MS = 120_000;

/** When a reader of the history that found no place should ask again, in s: most read all of it in less. */
const HISTORY_RETRY_S = 15;

/** Answers a GET or a HEAD, over plain Node: the same for the command, Express and Fastify. */
export function answer(
  dashboard: Dashboard,
  route: Route,
  request: IncomingMessage,
  response: ServerResponse,
): void {
  if (!dashboard.isOpen) {
    refuse(response, 503, 'This server is shutting down.');
    return;
  }
  // Another site's page could read nothing, but it could take the places of viewers.
  if (request.headers['sec-fetch-site'] === 'cross-site' && route !== INDEX) {
    refuse(response, 403, 'Only the page itself may ask for this.');
    return;
  }
  switch (route) {
    case 'events':
      return answerEvents(dashboard, request, response);
    case 'history':
      return answerHistory(dashboard, request, response);
    default:
      return answerFile(route, request, response);
  }
}

/** @param why in a sentence, for people */
export function refuse(
  response: ServerResponse,
  status: number,
  why: string,
  headers: OutgoingHttpHeaders = {},
): void {
  response.writeHead(status, {
    ...HEADERS,
    'content-type': 'text/plain; charset=utf-8',
    ...headers,
  });
  response.end(`${why}\n`);
}

function answerEvents(
  dashboard: Dashboard,
  request: IncomingMessage,
  response: ServerResponse,
): void {
  response.writeHead(200, {
    ...HEADERS,
    'content-type': 'text/event-stream; charset=utf-8',
    // nginx would hold events back.
    'x-accel-buffering': 'no',
  });
  if (request.method === 'HEAD') {
    response.end();
    return;
  }
  // Each event at once: the next one may come a second later.
  request.socket.setNoDelay(true);
  // The next write to a connection that broke fails; 'close' comes as well.
  response.on('error', () => {});
  response.flushHeaders();
  dashboard.stream(response, parseEventId(headerText(request, 'last-event-id')));
}

function answerHistory(
  dashboard: Dashboard,
  request: IncomingMessage,
  response: ServerResponse,
): void {
  // Its reader left while a guard asked.
  if (response.destroyed) return;
  const head = { ...HEADERS, 'content-type': 'application/json; charset=utf-8' };
  if (request.method === 'HEAD') {
    response.writeHead(200, head).end();
    return;
  }
  const leave = dashboard.admitHistoryReader();
  if (!leave) {
    refuse(response, 503, 'As many read the history already as may at once (maxViewers).', {
      'retry-after': String(HISTORY_RETRY_S),
    });
    return;
  }
  response.writeHead(200, head);
  const late = setTimeout(() => response.destroy(), HISTORY_MS).unref();
  const { closing: signal } = dashboard;
  // A reader that leaves early is no error.
  pipeline(Readable.from(dashboard.historyJson()), response, { signal })
    .catch(() => {})
    .finally(() => {
      clearTimeout(late);
      leave();
    });
}

function answerFile(name: PageFile, request: IncomingMessage, response: ServerResponse): void {
  const { type } = pageFile(name);
  // Express cuts its own `url` where it is mounted.
  const { originalUrl, url = '/' } = request as IncomingMessage & { originalUrl?: string };
  const text = name === INDEX ? indexPage(originalUrl ?? url) : pageFile(name).text;
  response.writeHead(200, {
    ...HEADERS,
    'content-type': type,
    'content-length': Buffer.byteLength(text),
  });
  response.end(request.method === 'HEAD' ? undefined : text);
}

function headerText(request: IncomingMessage, name: string): string | undefined {
  const value = request.headers[name];
  return Array.isArray(value) ? value[0] : value;
}
