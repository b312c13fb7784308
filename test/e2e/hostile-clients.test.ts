import { Controller } from '@nestjs/common';
import { EventPattern, MessagePattern, Payload } from '@nestjs/microservices';
import { once } from 'node:events';
import { connect, type Socket } from 'node:net';
import { firstValueFrom, NEVER } from 'rxjs';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { Dealer, type Router } from 'zeromq';
import { greeting, onTheWire, ready } from '../fuzz/zmtp.js';
import { connectTo, serve, type Served } from '../support/nest.js';
import { eventually } from '../support/eventually.js';

const forever = () => new Promise<never>(() => {});
let handlersRunning = 0;

@Controller()
class WorkController {
  @MessagePattern('echo')
  echo(@Payload() value: unknown) {
    return value;
  }

  @MessagePattern('never ends')
  neverEnds() {
    return NEVER;
  }

  /** Ignores `ctx.signal`, as most handlers do. */
  @MessagePattern('heeds nothing')
  async heedsNothing() {
    handlersRunning++;
    await forever();
  }

  @EventPattern('never over')
  async neverOver(@Payload() data: unknown) {
    await forever();
    return data;
  }
}

const LIMITS = {
  maxConcurrency: 8,
  maxQueue: 8,
  // However long a busy machine takes for a hundred messages, none of them makes room for another.
  maxQueueWait: 300_000,
  maxClients: 20,
  drainTimeout: 100,
};
/** The budget of one client: 7 places, and 7 queued calls. */
const MOST = 14;

let server: Served;
let honest: ReturnType<typeof connectTo>;
const dealers: Dealer[] = [];
const sockets: Socket[] = [];

beforeEach(async () => {
  handlersRunning = 0;
  server = await serve([WorkController], LIMITS);
  honest = connectTo(server.endpoints, { requestTimeout: 20_000 });
  expect(await firstValueFrom(honest.send('echo', 1))).toBe(1);
});

afterEach(async () => {
  for (const dealer of dealers.splice(0)) dealer.close();
  for (const socket of sockets.splice(0)) socket.destroy();
  honest.close();
  await server[Symbol.asyncDispose]();
});

const stats = () => server.strategy.stats();
const address = () => server.endpoints[0] ?? '';
const served = async () => expect(await firstValueFrom(honest.send('echo', 'me'))).toBe('me');
const request = (id: number, pattern: string) => [
  '',
  'REQUEST',
  `${id}`,
  '',
  JSON.stringify({ pattern }),
];

function hostile(): Dealer {
  const dealer = new Dealer({ linger: 0, sendHighWaterMark: 0 });
  dealer.connect(address());
  dealers.push(dealer);
  return dealer;
}

describe('a client that takes as much as it can', () => {
  test.each([
    ['calls', (n: number) => request(n, 'never ends')],
    ['events', (n: number) => ['', 'EVENT', `${n}`, '', '{"pattern":"never over"}']],
    [
      'calls of the tracked dialect',
      (n: number) => ['', 'REQUEST', `${n}`, '{"pattern":"never ends"}'],
    ],
    ['calls of the basic dialect', () => ['', 'REQUEST', '{"pattern":"never ends"}']],
  ])('by %s leaves room for others', async (_, message) => {
    const dealer = hostile();
    for (let n = 0; n < 100; n++) await dealer.send(message(n));
    await eventually(() =>
      expect(stats()).toMatchObject({
        running: 7,
        queued: 7,
        refusedPerClient: 100 - MOST,
      }),
    );
    await served();
  });

  test('by cancelling calls at once runs no more handlers than there are places', async () => {
    const dealer = hostile();
    for (let n = 0; n < 500; n++) {
      await dealer.send(request(n, 'heeds nothing'));
      await dealer.send(['', 'CANCEL', `${n}`]);
    }
    await dealer.send(['', 'PING', 'last', '']);
    await dealer.receive();
    expect(handlersRunning).toBe(7);
    expect(stats()).toMatchObject({ running: 7, lingering: 7 });
    await served();
  });

  test('by reconnecting runs no more handlers than there are places', async () => {
    const dealer = hostile();
    for (let n = 0; n < 100; n++) {
      await dealer.send(request(n, 'heeds nothing'));
      await dealer.send(['', 'GOODBYE']);
    }
    await dealer.send(['', 'PING', 'last', '']);
    await eventually(() => expect(stats().lingering).toBe(7));
    expect(handlersRunning).toBe(7);
    await served();
  });
});

test('clients beyond maxClients replace idle ones', async () => {
  for (let n = 0; n < 50; n++) {
    const dealer = hostile();
    await dealer.send(['', 'PING', '1', '1', '{"heartbeat":3600000}']);
    await dealer.receive();
  }
  expect(stats()).toMatchObject({ clients: 20, evicted: 31 });
  await served();
});

test('clients with open calls are not replaced, and can cancel them', async () => {
  const pending = honest.send('never ends', '').subscribe();
  await eventually(() => expect(stats().running).toBe(1));
  for (let n = 0; n < 50; n++) {
    const dealer = hostile();
    await dealer.send(['', 'PING', '1', '1', '{}']);
    await dealer.receive();
  }
  expect(stats()).toMatchObject({ clients: 20, running: 1 });
  pending.unsubscribe();
  await eventually(() => expect(stats()).toMatchObject({ running: 0, abandoned: 1 }));
});

test('floods of PING, CANCEL and CREDIT for unknown calls leave nothing behind', async () => {
  const dealer = hostile();
  const endless = new Dealer({ linger: 0 });
  for (let n = 0; n < 10_000; n++) {
    await dealer.send(['', 'CANCEL', `${n}`]);
    await dealer.send(['', 'CREDIT', `${n}`, '9007199254740991']);
    if (n % 100 === 0) await dealer.send(['', 'PING', `${n}`, 't', '{}']);
    if (n % 1000 === 0) await served();
  }
  endless.close();
  await served();
  expect(stats()).toMatchObject({ running: 0, queued: 0, dropped: {} });
});

test('a flood of packs does not starve the event loop', async () => {
  const dealer = hostile();
  await dealer.send(['', 'PING', 'first', '']);
  await dealer.receive();
  // zeromq.js delivers this many messages in one turn.
  const packs = 500;
  const pack = JSON.stringify(Array.from({ length: 1000 }, () => ['CREDIT', '1', 'many']));
  for (let n = 0; n < packs; n++) await dealer.send(['', 'PACK', pack]);
  let before = 0;
  let mostInOneTurn = 0;
  for (let all = 0; all < packs * 1000; before = all) {
    await new Promise(setImmediate);
    all = stats().dropped['invalid-credit'] ?? 0;
    mostInOneTurn = Math.max(mostInOneTurn, all - before);
  }
  expect(mostInOneTurn).toBeLessThan((packs * 1000) / 2);
});

test("a client can neither cancel nor read another client's calls", async () => {
  const value = firstValueFrom(honest.send('never ends', '')).catch((error: unknown) => error);
  await eventually(() => expect(stats().running).toBe(1));
  const dealer = hostile();
  // The library's ids count up, so they are easy to guess.
  for (let n = 0; n < 100; n++) {
    await dealer.send(['', 'CANCEL', `${n}`]);
    await dealer.send(['', 'CREDIT', `${n}`, '1']);
  }
  await dealer.send(['', 'PING', 'last', '']);
  await dealer.receive();
  expect(stats()).toMatchObject({ running: 1, abandoned: 0 });
  honest.close();
  expect(await value).toMatchObject({ code: 'CLOSED' });
});

test("with libzmq a client cannot take over another client's routing id", async () => {
  await using libzmq = await serve([WorkController], { ...LIMITS, engine: 'libzmq' });
  const [endpoint = ''] = libzmq.endpoints;
  const first = new Dealer({ linger: 0, routingId: 'same' });
  first.connect(endpoint);
  await first.send(request(1, 'echo'));
  await first.receive();
  const second = new Dealer({ linger: 0, routingId: 'same', receiveTimeout: 300 });
  second.connect(endpoint);
  await second.send(request(1, 'echo'));
  await expect(second.receive()).rejects.toMatchObject({ code: 'EAGAIN' });
  await first.send(request(2, 'echo'));
  expect(String((await first.receive())[2])).toBe('2');
  first.close();
  second.close();
});

test('with the engine `node` two clients with the same routing id are both served', async () => {
  await using node = await serve([WorkController], { ...LIMITS, engine: 'node' });
  const [endpoint = ''] = node.endpoints;
  const both = [1, 2].map(() => new Dealer({ linger: 0, routingId: 'same' }));
  for (const dealer of both) dealer.connect(endpoint);
  for (const [n, dealer] of both.entries()) await dealer.send(request(n, 'echo'));
  for (const [n, dealer] of both.entries())
    expect(String((await dealer.receive())[2])).toBe(`${n}`);
  for (const dealer of both) dealer.close();
});

test('a pack that refers to one large frame many times gets one body', async () => {
  const dealer = hostile();
  await dealer.send(['', 'PING', '1', '1', '{"capabilities":["pack"]}']);
  await dealer.receive();
  const entries = Array.from({ length: 1000 }, (_, n) => [
    'REQUEST',
    `${n}`,
    { pattern: 'echo' },
    null,
    0,
  ]);
  await dealer.send(['', 'PACK', JSON.stringify(entries), JSON.stringify('x'.repeat(1_000_000))]);
  await eventually(() => expect(stats().dropped).toEqual({ 'invalid-pack': 999 }));
  await served();
});

test('with libzmq a client that never reads loses its answers, which are counted, and then its connection', async () => {
  await using libzmq = await serve([WorkController], { ...LIMITS, engine: 'libzmq' });
  const [endpoint = ''] = libzmq.endpoints;
  using neighbour = connectTo([endpoint], { requestTimeout: 20_000 });
  const isServed = async () =>
    expect(await firstValueFrom(neighbour.send('echo', 'me'))).toBe('me');
  let ended = 0;
  const { events } = libzmq.strategy.unwrap<Router>();
  events.on('disconnect', () => ended++);
  const port = Number(endpoint.split(':').at(-1));
  // A plain TCP socket, since a ZeroMQ socket would read in its own thread; this one lets the TCP window close.
  const deaf = connect(port, '127.0.0.1').pause();
  sockets.push(deaf);
  deaf.on('error', () => {});
  const greeted = new Promise<void>((resolve) => events.on('handshake', () => resolve()));
  deaf.write(Buffer.concat([greeting(), ready()]));
  await greeted;
  const call = onTheWire(
    ['', 'REQUEST', `{"pattern":"echo","data":"${'x'.repeat(2000)}"}`].map((t) => Buffer.from(t)),
  );
  const calls = Buffer.concat(Array.from({ length: 100 }, () => call));
  for (let sent = 0; sent < 300; sent++) {
    if (!deaf.write(calls)) await once(deaf, 'drain');
    if (sent % 50 === 0) await isServed();
  }
  await eventually(() => expect(libzmq.strategy.stats().undelivered).toBeGreaterThan(1000));
  await isServed();
  await eventually(() => expect(ended).toBe(1));
  await isServed();
});

test('a client that connects and stays silent is disconnected', async () => {
  const port = Number(address().split(':').at(-1));
  const silent = connect(port, '127.0.0.1');
  const startedAt = performance.now();
  const ended = once(silent.resume(), 'close');
  // Half of a ZMTP greeting, then nothing.
  silent.write(Buffer.from([0xff, 0, 0, 0, 0, 0, 0, 0, 1, 0x7f]));
  sockets.push(silent);
  await served();
  await ended;
  // The server ends the connection, and not before the time limit.
  expect(performance.now() - startedAt).toBeGreaterThan(4000);
  await served();
});
