import { Server } from '@nestjs/microservices';
import { FreelanceTransportServer } from 'nestjs-freelance';
import { expect, test, vi } from 'vitest';

const handler = () => Promise.resolve();

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
  expect(patterns).toEqual(['known', '{"a":{"c":2},"b":1}', 'unknown', 'event unknown']);
});

test('no more than a bounded number of the patterns that clients think up is remembered', () => {
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
