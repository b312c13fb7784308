import { Controller } from '@nestjs/common';
import { MessagePattern, Payload } from '@nestjs/microservices';
import { FreelanceClientProxy } from 'nestjs-freelance';
import { firstValueFrom } from 'rxjs';
import { afterEach, expect, test, vi } from 'vitest';
import { eventually } from '../support/eventually.js';
import { connectTo, serve } from '../support/nest.js';

@Controller()
class EchoController {
  @MessagePattern('echo')
  echo(@Payload() value: unknown) {
    return value;
  }

  @MessagePattern('numbers')
  async *numbers(@Payload() count: number) {
    for (let n = 0; n < count; n++) yield Promise.resolve(n);
  }
}

const echo = (client: FreelanceClientProxy) => firstValueFrom(client.send('echo', 'hello'));

/** Everything that vitest can fake here; it cannot fake `process.nextTick` in a child process. */
const fakeTimers = () =>
  vi.useFakeTimers({
    toFake: [
      'setTimeout',
      'clearTimeout',
      'setImmediate',
      'clearImmediate',
      'setInterval',
      'clearInterval',
      'Date',
      'performance',
      'hrtime',
      'queueMicrotask',
    ],
  });

afterEach(() => {
  vi.useRealTimers();
});

test('a client and a server created earlier answer calls while timers are fake', async () => {
  await using server = await serve([EchoController]);
  using client = connectTo(server.endpoints);
  expect(await echo(client)).toBe('hello');
  fakeTimers();
  expect(await echo(client)).toBe('hello');
  const numbers: number[] = [];
  for await (const number of client.iterate<number>('numbers', 3000)) numbers.push(number);
  expect(numbers).toHaveLength(3000);
});

test('a client and a server created under fake timers keep working after the real ones return', async () => {
  fakeTimers();
  await using server = await serve([EchoController]);
  using client = connectTo(server.endpoints);
  expect(await echo(client)).toBe('hello');
  vi.useRealTimers();
  expect(await echo(client)).toBe('hello');
});

test('advancing fake time moves neither deadlines nor heartbeats', async () => {
  await using server = await serve([EchoController]);
  using client = connectTo(server.endpoints, { heartbeatInterval: 5000, heartbeatTimeout: 20_000 });
  const told: string[] = [];
  for (const event of ['down', 'suspect'] as const) client.on(event, () => told.push(event));
  await client.connect();
  fakeTimers();
  const calls = Array.from({ length: 10 }, () => echo(client));
  vi.advanceTimersByTime(3_600_000);
  expect(await Promise.all(calls)).toEqual(Array.from({ length: 10 }, () => 'hello'));
  expect(told).toEqual([]);
});

test('a server lost under fake timers is found again', async () => {
  const first = await serve([EchoController]);
  const [endpoint = ''] = first.endpoints;
  using client = connectTo([endpoint]);
  expect(await echo(client)).toBe('hello');
  fakeTimers();
  await first[Symbol.asyncDispose]();
  await using second = await serve([EchoController], { bind: endpoint });
  expect(await echo(client)).toBe('hello');
  vi.useRealTimers();
  await eventually(() => expect(second.strategy.stats().accepted).toBe(1));
});
