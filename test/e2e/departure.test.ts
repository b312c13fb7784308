import { Controller } from '@nestjs/common';
import { MessagePattern, Payload } from '@nestjs/microservices';
import {
  type FreelanceClientProxy,
  FreelanceRecordBuilder,
  FreelanceTransportServer,
} from 'nestjs-freelance';
import { setTimeout as delay } from 'node:timers/promises';
import { firstValueFrom, NEVER } from 'rxjs';
import { describe, expect, test } from 'vitest';
import { Dealer } from 'zeromq';
import { Child } from '../support/child.js';
import { eventually } from '../support/eventually.js';
import { Load } from '../support/load.js';
import { connectTo, serve } from '../support/nest.js';
import { freeEndpoint } from '../support/ports.js';

@Controller()
class WorkController {
  @MessagePattern('work')
  async work(@Payload() { value, ms }: { value: unknown; ms: number }) {
    if (ms > 0) await delay(ms);
    return value;
  }

  @MessagePattern('never')
  never() {
    return NEVER;
  }
}

const work = <T>(client: FreelanceClientProxy, value: T, ms = 0) => {
  const once = new FreelanceRecordBuilder({ value, ms }).setIdempotent(false).build();
  return firstValueFrom(client.send<T>('work', once));
};

const outcome = (promise: Promise<unknown>) =>
  promise.catch((error: { code?: string; message: string }) => error.code ?? error.message);

test('a rolling restart under load fails no call, even without retries', async () => {
  const endpoints = [await freeEndpoint(), await freeEndpoint()];
  const start = async (endpoint: string) => {
    const child = Child.node('math-server', endpoint, endpoint);
    await child.nextLine();
    return child;
  };
  const servers = await Promise.all(endpoints.map(start));
  const clients = [1, 2].map(() => connectTo(endpoints, { idempotent: false }));
  await Promise.all(clients.map((client) => client.connect()));
  const loads = clients.map((client) => new Load(client, 30));
  const areUsed = () =>
    eventually(() => {
      for (const load of loads) expect(load.latest(100)).toEqual(new Set(endpoints));
    });

  for (const at of [0, 1]) {
    await areUsed();
    servers[at]?.signal('SIGTERM');
    expect(await servers[at]?.ended()).toBe('SIGKILL');
    await Promise.all(loads.map((load) => load.more(200)));
    servers[at] = await start(endpoints[at] ?? '');
  }
  await areUsed();
  await Promise.all(loads.map((load) => load.end()));
  for (const client of clients) client.close();
  await Promise.all(servers.map((server) => server.kill()));
  expect(loads.flatMap(({ failures }) => failures)).toEqual([]);
});

describe('a closed server', () => {
  test('answers the calls it has accepted before close resolves, however often close is called', async () => {
    const server = await serve([WorkController]);
    using client = connectTo(server.endpoints);
    await client.connect();
    const slow = work(client, 'answer', 300);
    await eventually(() => expect(server.strategy.stats().running).toBe(1));
    const events: string[] = [];
    const closing = [1, 2].map(async (n) => {
      await server.strategy.close();
      events.push(`closed ${n}`);
    });
    expect(server.strategy.stats().isDraining).toBe(true);
    expect(await slow).toBe('answer');
    events.push('answered');
    await Promise.all([...closing, server[Symbol.asyncDispose]()]);
    expect(events).toEqual(['answered', 'closed 1', 'closed 2']);
    expect(server.strategy.endpoints).toEqual([]);
    await server.strategy.close();
  });

  test('is left by its callers after drainTimeout, and stops running handlers', async () => {
    const server = await serve([WorkController], { drainTimeout: 100 });
    using client = connectTo(server.endpoints);
    const never = outcome(
      firstValueFrom(
        client.send('never', new FreelanceRecordBuilder({}).setIdempotent(false).build()),
      ),
    );
    await eventually(() => expect(server.strategy.stats().running).toBe(1));
    await server.strategy.close();
    expect(await never).toBe('ECONNRESET');
  });

  test('can listen again, but not while it still drains', async () => {
    const strategy = new FreelanceTransportServer({ bind: 'tcp://127.0.0.1:*' });
    strategy.addHandler('work', (value: number) => delay(100).then(() => value) as never);
    const listen = () =>
      new Promise<unknown>((resolve) => strategy.listen((error) => resolve(error ?? 'listens')));
    for (let round = 0; round < 3; round++) {
      expect(await listen()).toBe('listens');
      using client = connectTo(strategy.endpoints);
      const answer = firstValueFrom(client.send('work', round));
      await eventually(() => expect(strategy.stats().running).toBe(1));
      const closed = strategy.close();
      expect(String(await listen())).toContain('wait for close()');
      expect(await answer).toBe(round);
      await closed;
    }
  });

  test('waits until an answer of megabytes has arrived', async () => {
    const server = await serve([WorkController]);
    using client = connectTo(server.endpoints, { requestTimeout: 60_000 });
    const large = work(client, 'x'.repeat(15_000_000), 50);
    await eventually(() => expect(server.strategy.stats().running).toBe(1));
    await server.strategy.close();
    expect((await large).length).toBe(15_000_000);
  });

  test('answers clients of the older dialects', async () => {
    const server = await serve([WorkController]);
    const old = new Dealer({ linger: 0, receiveTimeout: 5000 });
    old.connect(server.endpoints[0] ?? '');
    const ask = (value: string) =>
      old.send([
        '',
        'REQUEST',
        value,
        JSON.stringify({ pattern: 'work', data: { value, ms: 100 } }),
      ]);
    await ask('before');
    await eventually(() => expect(server.strategy.stats().running).toBe(1));
    const closed = server.strategy.close();
    await ask('meanwhile');
    const replies = [await old.receive(), await old.receive()].map((frames) => frames.map(String));
    expect(replies).toEqual([
      ['', 'REPLY', 'before', 'before'],
      ['', 'REPLY', 'meanwhile', 'meanwhile'],
    ]);
    await closed;
    old.close();
  });
});

describe('an overloaded server', () => {
  test('refuses calls, which go to another server', async () => {
    await using small = await serve([WorkController], { maxConcurrency: 1, maxQueue: 0 });
    await using large = await serve([WorkController]);
    using client = connectTo([...small.endpoints, ...large.endpoints]);
    await client.connect();
    await eventually(() =>
      expect(Object.values(client.stats().endpoints).map(({ state }) => state)).toEqual([
        'alive',
        'alive',
      ]),
    );
    const numbers = Array.from({ length: 100 }, (_, n) => n);
    expect(await Promise.all(numbers.map((n) => work(client, n, 20)))).toEqual(numbers);
    expect(small.strategy.stats().refused.busy).toBeGreaterThan(0);
    const accepted = [small, large].map(({ strategy }) => strategy.stats().accepted);
    expect((accepted[0] ?? 0) + (accepted[1] ?? 0)).toBe(100);
  });

  test('queues calls and runs them in order', async () => {
    await using server = await serve([WorkController], {
      maxConcurrency: 1,
      maxQueueWait: Infinity,
    });
    using client = connectTo(server.endpoints);
    await client.connect();
    const order: number[] = [];
    const numbers = Array.from({ length: 20 }, (_, n) => n);
    await Promise.all(numbers.map((n) => work(client, n, 2).then((value) => order.push(value))));
    expect(order).toEqual(numbers);
  });

  test('without another one fails the calls that it refuses with OVERLOADED', async () => {
    await using server = await serve([WorkController], { maxConcurrency: 1, maxQueue: 0 });
    using client = connectTo(server.endpoints);
    await client.connect();
    const open = client.send('never', {}).subscribe();
    await eventually(() => expect(server.strategy.stats().running).toBe(1));
    expect(await outcome(work(client, 1))).toBe('OVERLOADED');
    open.unsubscribe();
    await eventually(() => expect(server.strategy.stats().running).toBe(0));
    expect(await work(client, 2)).toBe(2);
  });
});

describe('SIGTERM', () => {
  async function told(kind: string, ending: string) {
    await using child = Child.node('departing', kind, ending);
    const { endpoints } = (await child.nextLine()) as { endpoints: string[] };
    using client = connectTo(endpoints);
    const answer = outcome(
      firstValueFrom(
        client.send('slow', new FreelanceRecordBuilder(300).setIdempotent(false).build()),
      ),
    );
    const lines = [await child.nextLine()];
    child.signal('SIGTERM');
    lines.push(await child.nextLine(), await child.nextLine());
    return { answer: await answer, lines, end: await child.ended(), errors: child.errors };
  }

  const OPEN = ['began', 'ended', 'destroyed'];

  test.each([
    ['microservice', 'provider', OPEN, 'SIGTERM'],
    ['hybrid', 'provider', OPEN, 'SIGTERM'],
    ['microservice', 'close', OPEN, 0],
    ['microservice', 'hooks', ['began', 'destroyed', 'ended without its resource'], 'SIGTERM'],
    ['hybrid', 'hooks', ['began', 'destroyed', 'ended without its resource'], 'SIGTERM'],
  ])('lets a %s that ends by %s answer its running calls', async (kind, ending, lines, end) => {
    expect(await told(kind, ending)).toEqual({ answer: 'answer', lines, end, errors: '' });
  });

  test('lets an acknowledged event run to its end', async () => {
    await using child = Child.node('departing', 'microservice', 'provider');
    const { endpoints } = (await child.nextLine()) as { endpoints: string[] };
    using client = connectTo(endpoints);
    await firstValueFrom(client.emit('news', 300), { defaultValue: undefined });
    expect(await child.nextLine()).toBe('began');
    child.signal('SIGTERM');
    expect([await child.nextLine(), await child.nextLine()]).toEqual(['ended', 'destroyed']);
    expect(await child.ended()).toBe('SIGTERM');
  });
});
