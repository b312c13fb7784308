import { setTimeout as delay } from 'node:timers/promises';
import { type CallHandler, Controller, Injectable, UseInterceptors } from '@nestjs/common';
import type { NestInterceptor } from '@nestjs/common';
import { Ctx, EventPattern, MessagePattern } from '@nestjs/microservices';
import { FreelanceContext, type FreelanceServerOptions } from 'nestjs-freelance';
import { defer, finalize, firstValueFrom, map, Observable, tap, timeout } from 'rxjs';
import { afterEach, expect, test } from 'vitest';
import { eventually } from '../support/eventually.js';
import { connectTo, serve } from '../support/nest.js';

const PLACES = 10;
/** Far longer than it takes to call and cancel all of them. */
const WORK_MS = 400;

let running = 0;
let most = 0;

async function work<Value>(value: Value, ms = WORK_MS): Promise<Value> {
  most = Math.max(most, ++running);
  await delay(ms);
  running--;
  return value;
}

afterEach(() => {
  running = 0;
  most = 0;
});

@Injectable()
class Loud implements NestInterceptor {
  intercept(_context: unknown, next: CallHandler) {
    return next.handle().pipe(
      tap({ error() {} }),
      timeout(60_000),
      map((value: unknown) => value),
      finalize(() => {}),
    );
  }
}

@Injectable()
class Quiet implements NestInterceptor {
  async intercept(_context: unknown, next: CallHandler) {
    await Promise.resolve();
    return next.handle();
  }
}

@Controller()
class PlainController {
  @MessagePattern('promise')
  promise() {
    return work('done');
  }

  @MessagePattern('failing promise')
  async failing() {
    await work('done');
    throw new Error('failed');
  }

  @MessagePattern('generator that works before its first value')
  async *before() {
    yield await work(1);
  }

  @MessagePattern('generator that works when it is returned')
  async *after() {
    try {
      yield 1;
    } finally {
      await work(1);
    }
  }

  @MessagePattern('promise of an Observable')
  async late() {
    await work(1);
    return new Observable(() => () => {});
  }

  @MessagePattern('iterator without return')
  iterator() {
    return { [Symbol.asyncIterator]: () => ({ next: () => work({ done: true, value: 1 }) }) };
  }

  @MessagePattern('Observable of a promise')
  observed() {
    return defer(() => work(1));
  }

  @EventPattern('event')
  event(_data: unknown) {
    return work('done');
  }
}

@Controller()
@UseInterceptors(Loud, Quiet)
class InterceptedController extends PlainController {}

const HANDLERS = [
  'promise',
  'failing promise',
  'generator that works before its first value',
  'generator that works when it is returned',
  'promise of an Observable',
  'iterator without return',
  'Observable of a promise',
];

const OPTIONS: Partial<FreelanceServerOptions> = {
  maxConcurrency: PLACES,
  maxConcurrencyPerClient: PLACES,
};

/** Calls that are cancelled as soon as they run, repeatedly. */
async function flood(
  client: ReturnType<typeof connectTo>,
  pattern: string,
  strategy: { stats(): { running: number } },
) {
  for (let round = 0; round < 20; round++) {
    const calls = Array.from({ length: PLACES }, () =>
      client.send(pattern, {}).subscribe({ error() {} }),
    );
    await delay(10);
    for (const call of calls) call.unsubscribe();
  }
  await delay(10);
  expect(strategy.stats().running).toBeLessThanOrEqual(PLACES);
}

for (const [kind, controller] of [
  ['', PlainController],
  [' behind interceptors', InterceptedController],
] as const) {
  test.each(HANDLERS)(`maxConcurrency bounds cancelled calls: %s${kind}`, async (pattern) => {
    await using server = await serve([controller], OPTIONS);
    using client = connectTo(server.endpoints);
    await client.connect();
    await flood(client, pattern, server.strategy);
    expect(most).toBeGreaterThan(0);
    expect(most).toBeLessThanOrEqual(PLACES);
    await eventually(() =>
      expect(server.strategy.stats()).toMatchObject({ running: 0, lingering: 0 }),
    );
    // Places are returned once, not twice.
    expect(running).toBe(0);
  });
}

test.each([PlainController, InterceptedController])(
  'maxConcurrency bounds events whose clients leave: %o',
  async (controller) => {
    await using server = await serve([controller], OPTIONS);
    for (let round = 0; round < 10; round++) {
      using client = connectTo(server.endpoints);
      await client.connect();
      for (let n = 0; n < PLACES; n++) client.emit('event', {}).subscribe({ error() {} });
      await delay(10);
    }
    expect(most).toBeGreaterThan(0);
    expect(most).toBeLessThanOrEqual(PLACES);
    await eventually(() => expect(server.strategy.stats().running).toBe(0));
  },
);

let stopped = 0;

@Controller()
class StoppableController {
  @MessagePattern('observable')
  silent() {
    return new Observable(() => () => stopped++).pipe(map((value) => value));
  }

  @MessagePattern('heeds')
  heeds(@Ctx() context: FreelanceContext) {
    return new Promise((_resolve, reject) => {
      context.signal.addEventListener('abort', () => reject(new Error('stopped')));
    });
  }
}

@Controller()
@UseInterceptors(Loud, Quiet)
class InterceptedStoppableController extends StoppableController {}

test.each([
  ['', StoppableController],
  [' behind interceptors', InterceptedStoppableController],
] as const)('what can be stopped is stopped, and frees its place%s', async (_kind, controller) => {
  stopped = 0;
  await using server = await serve([controller], OPTIONS);
  using client = connectTo(server.endpoints);
  await client.connect();
  for (const pattern of ['observable', 'heeds']) {
    const calls = Array.from({ length: PLACES }, () =>
      client.send(pattern, {}).subscribe({ error() {} }),
    );
    await eventually(() => expect(server.strategy.stats().running).toBe(PLACES));
    await delay(10);
    for (const call of calls) call.unsubscribe();
    await eventually(() =>
      expect(server.strategy.stats()).toMatchObject({ running: 0, lingering: 0 }),
    );
  }
  expect(stopped).toBe(PLACES);
});

test('a call that is cancelled while a deserializer reads it keeps its place and does not run', async () => {
  let runs = 0;
  @Controller()
  class CountingController {
    @MessagePattern('count')
    count() {
      return ++runs;
    }
  }
  await using server = await serve([CountingController], {
    ...OPTIONS,
    deserializer: { deserialize: (packet: unknown) => work(packet) as never },
  });
  using client = connectTo(server.endpoints);
  await client.connect();
  await flood(client, 'count', server.strategy);
  expect(most).toBe(PLACES);
  await eventually(() =>
    expect(server.strategy.stats()).toMatchObject({ running: 0, lingering: 0 }),
  );
  expect(runs).toBe(0);
  expect(await firstValueFrom(client.send('count', {}))).toBe(1);
});
