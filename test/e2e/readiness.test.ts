import { Controller } from '@nestjs/common';
import { MessagePattern } from '@nestjs/microservices';
import { FreelanceTransportServer } from 'nestjs-freelance';
import { firstValueFrom } from 'rxjs';
import { expect, test, vi } from 'vitest';
import { eventually } from '../support/eventually.js';
import { connectTo, serve } from '../support/nest.js';

/** What is heard before the next one has not come with it. */
const RARE_HEARTBEATS = { heartbeatInterval: 60_000 };
const BEFORE_THE_NEXT = { timeout: 50_000, interval: 10 };

/** Two servers, a client of both, and calls that end when the test says so. */
async function twoServers() {
  const open: (() => void)[] = [];

  @Controller()
  class Waiting {
    @MessagePattern('waits')
    waits() {
      return new Promise<string>((resolve) => open.push(() => resolve('done')));
    }

    @MessagePattern('accepted')
    accepted() {
      return 'yes';
    }
  }

  const [one, two] = await Promise.all([serve([Waiting]), serve([Waiting])]);
  const client = connectTo([...one.endpoints, ...two.endpoints], RARE_HEARTBEATS);
  const statesAre = (...states: string[]) =>
    vi.waitFor(() => {
      const now = Object.values(client.stats().endpoints).map(({ state }) => state);
      expect(now).toEqual(states);
    }, BEFORE_THE_NEXT);
  await client.connect();
  await statesAre('alive', 'alive');
  return {
    one: one.strategy,
    two: two.strategy,
    client,
    open,
    statesAre,
    async [Symbol.asyncDispose]() {
      client.close();
      await Promise.all([one, two].map((each) => each[Symbol.asyncDispose]()));
    },
  };
}

const callMany = (client: ReturnType<typeof connectTo>) =>
  Promise.all(Array.from({ length: 50 }, () => firstValueFrom(client.send('accepted', {}))));

test('clients hear at once that a server is set unready, call the others, and come back', async () => {
  await using servers = await twoServers();
  const { one, two, client, statesAre } = servers;
  one.setReady(false);
  await statesAre('suspect', 'alive');
  const before = one.stats().accepted;
  await callMany(client);
  expect(one.stats().accepted).toBe(before);
  expect(two.stats().accepted).toBeGreaterThanOrEqual(50);
  one.setReady(true);
  await statesAre('alive', 'alive');
  two.setReady(false);
  await statesAre('alive', 'suspect');
  await callMany(client);
  expect(one.stats().accepted).toBe(before + 50);
});

test('what runs on a server that is set unready is answered there', async () => {
  await using servers = await twoServers();
  const { one, two, client, open, statesAre } = servers;
  const answers = Promise.all(
    Array.from({ length: 8 }, () => firstValueFrom(client.send('waits', {}))),
  );
  await eventually(() => expect(open).toHaveLength(8));
  one.setReady(false);
  two.setReady(false);
  await statesAre('suspect', 'suspect');
  for (const end of open) end();
  expect(await answers).toEqual(Array(8).fill('done'));
  expect(client.stats()).toMatchObject({ moved: 0, retried: 0 });
});

test('if no server is ready, calls wait for one, as if all were down', async () => {
  await using servers = await twoServers();
  const { one, two, client, statesAre } = servers;
  one.setReady(false);
  two.setReady(false);
  await statesAre('suspect', 'suspect');
  const answer = firstValueFrom(client.send('accepted', {}));
  await eventually(() => expect(client.stats().pending).toBe(1));
  expect([one.stats().accepted, two.stats().accepted]).toEqual([0, 0]);
  two.setReady(true);
  expect(await answer).toBe('yes');
  expect([one.stats().accepted, two.stats().accepted]).toEqual([0, 1]);
});

test('it is kept while the server is closed, and for clients that come later', async () => {
  await using servers = await twoServers();
  const { one } = servers;
  one.setReady(false);
  await one.close();
  await new Promise<void>((resolve, reject) => {
    one.listen((error) => (error instanceof Error ? reject(error) : resolve()));
  });
  expect(await one.isReady()).toBe(false);
  using later = connectTo(one.endpoints, RARE_HEARTBEATS);
  const connected = later.connect();
  await eventually(() =>
    expect(Object.values(later.stats().endpoints)).toMatchObject([{ state: 'suspect' }]),
  );
  one.setReady(true);
  await connected;
  expect(await firstValueFrom(later.send('accepted', {}))).toBe('yes');
});

test('isReady() tells what clients are told: it listens, is not closing, and its PING handler agrees', async () => {
  let isWarm = false;

  @Controller()
  class Warming {
    @MessagePattern('PING')
    isReady() {
      return isWarm;
    }
  }

  const idle = new FreelanceTransportServer({ bind: 'tcp://127.0.0.1:*' });
  expect(await idle.isReady()).toBe(false);
  await using served = await serve([Warming]);
  const { strategy } = served;
  expect(await strategy.isReady()).toBe(false);
  isWarm = true;
  await eventually(async () => expect(await strategy.isReady()).toBe(true));
  const closed = strategy.close();
  expect(await strategy.isReady()).toBe(false);
  await closed;
  expect(await strategy.isReady()).toBe(false);
});

test.each([[undefined], [0], ['false'], [null]])('setReady(%j) is refused', (value) => {
  const server = new FreelanceTransportServer({ bind: 'tcp://127.0.0.1:*' });
  expect(() => server.setReady(value as unknown as boolean)).toThrow(
    expect.objectContaining({
      code: 'BAD_OPTIONS',
      message: expect.stringContaining('setReady takes true or false, but got'),
    }),
  );
});
