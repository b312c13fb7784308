import { type MessageHandler, Server } from '@nestjs/microservices';
import { FreelanceTransportServer } from 'nestjs-freelance';
import { expect, test, vi } from 'vitest';

const handler = () => Promise.resolve();

function handlerNamed(name: string): MessageHandler {
  return Object.assign(() => Promise.resolve(name), { [Symbol.toStringTag]: name });
}

function serverOf(...patterns: unknown[]) {
  const server = new FreelanceTransportServer({ bind: 'tcp://127.0.0.1:*' });
  for (const pattern of patterns) server.addHandler(pattern, handler);
  return server;
}

/** Nest's own look-up, which it does not show to others. */
function routesByNest() {
  const nest = Server.prototype as unknown as { getRouteFromPattern(pattern: string): string };
  return vi.spyOn(nest, 'getRouteFromPattern');
}

test('Nest is asked once for the route of each pattern', () => {
  using asked = routesByNest();
  const server = serverOf('known', { b: 1, a: { c: 2 } });
  for (let i = 0; i < 3; i++) {
    expect(server.getHandlerByPattern('known')).toBe(handler);
    expect(server.getHandlerByPattern('{"a":{"c":2},"b":1}')).toBe(handler);
    expect(server.getHandlerByPattern('unknown')).toBeNull();
  }
  const patterns = asked.mock.calls.map(([pattern]) => pattern);
  expect(patterns).toEqual(['known', '{"a":{"c":2},"b":1}', 'unknown']);
});

test.each(['event sum', 'call sum', 'event event sum', 'call event sum'])(
  'the handler for calls of %j is none for events of another pattern, nor the other way round',
  (pattern) => {
    const server = new FreelanceTransportServer({ bind: 'tcp://127.0.0.1:*' });
    const events = [handlerNamed('event of sum'), handlerNamed(`event of ${pattern}`)] as const;
    server.addHandler('sum', events[0], true);
    expect(server.getHandlerByPattern(pattern)).toBeNull();
    const call = handlerNamed('call');
    server.addHandler(pattern, call);
    server.addHandler(pattern, events[1], true);
    expect(server.getHandlerByPattern(pattern)).toBe(call);
    expect(server.getHandlerByPattern('sum')).toBe(events[0]);
    expect(call.next).toBeUndefined();
    expect(new Set(server.getHandlers().values())).toEqual(new Set([call, ...events]));
  },
);

test('the number of remembered routes is bounded, whatever patterns clients send', () => {
  using asked = routesByNest();
  const server = serverOf();
  const find = (a: number) => server.getHandlerByPattern(`{"a":${a}}`);
  for (let a = 0; a < 5000; a++) find(a);
  asked.mockClear();
  find(4999);
  expect(asked).not.toHaveBeenCalled();
  find(0);
  expect(asked).toHaveBeenCalled();
});
