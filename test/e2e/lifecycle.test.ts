import { subscribe, unsubscribe } from 'node:diagnostics_channel';
import { Controller, Module } from '@nestjs/common';
import { NestFactory } from '@nestjs/core';
import {
  ClientsModule,
  type ClientTCP,
  MessagePattern,
  Payload,
  Transport,
} from '@nestjs/microservices';
import { FreelanceClientProxy, FreelanceTransportServer } from 'nestjs-freelance';
import { firstValueFrom, NEVER } from 'rxjs';
import { expect, test } from 'vitest';
import { Dealer } from 'zeromq';
import { eventually } from '../support/eventually.js';
import { connectTo, serve } from '../support/nest.js';
import { outcomeOf, serveBoth } from '../support/parity.js';
import { freeEndpoint } from '../support/ports.js';

@Controller()
class EchoController {
  @MessagePattern('echo')
  echo(@Payload() value: unknown) {
    return value;
  }

  @MessagePattern('never')
  never() {
    return NEVER;
  }
}

const echo = (client: FreelanceClientProxy, value: unknown) =>
  firstValueFrom(client.send<unknown>('echo', value));

/** Long enough for a busy machine. */

/** The outcome of a promise, without an unhandled rejection. */
const settled = (promise: Promise<unknown>) =>
  promise.then(
    () => 'done',
    (error: { code?: string }) => error.code,
  );

/** Operations on a client, in sequence. */
const ORDERS = [
  'connect connect call',
  'connect close connect call',
  'close connect call',
  'close close call',
  'call connect call',
  'call close call',
  'call close close connect connect call',
  'connect close call close call close call',
];

test.each(ORDERS)('%s: each step settles, and calls are answered', async (order) => {
  await using server = await serve([EchoController]);
  using client = connectTo(server.endpoints);
  const steps = order.split(' ');
  const answers: unknown[] = [];
  for (const step of steps) {
    if (step === 'connect') await client.connect();
    else if (step === 'close') client.close();
    else answers.push(await echo(client, 'answer'));
  }
  expect(answers).toEqual(steps.filter((step) => step === 'call').map(() => 'answer'));
  expect(client.stats().pending).toBe(0);
});

test('many concurrent connects share one connection', async () => {
  await using server = await serve([EchoController]);
  using client = connectTo(server.endpoints);
  await Promise.all(Array.from({ length: 20 }, () => client.connect()));
  await Promise.all(Array.from({ length: 20 }, (_, n) => echo(client, n)));
  expect(client.unwrap<Map<string, unknown>>().size).toBe(1);
  expect(server.strategy.stats().accepted).toBe(20);
});

test('close during connect rejects it with CLOSED, and the next connect starts afresh', async () => {
  await using server = await serve([EchoController]);
  using client = connectTo(server.endpoints);
  const interrupted = [client.connect(), client.connect()].map(settled);
  client.close();
  const after = client.connect();
  expect(await Promise.all(interrupted)).toEqual(['CLOSED', 'CLOSED']);
  await after;
  expect(await echo(client, 1)).toBe(1);
});

test('a call during close fails with CLOSED, whether sent or about to be', async () => {
  await using server = await serve([EchoController]);
  using client = connectTo(server.endpoints);
  await client.connect();
  const sent = settled(firstValueFrom(client.send('never', {})));
  await eventually(() => expect(server.strategy.stats().running).toBe(1));
  const aboutToBe = settled(echo(client, 1));
  client.close();
  expect(await Promise.all([sent, aboutToBe])).toEqual(['CLOSED', 'CLOSED']);
  expect(server.strategy.stats().accepted).toBe(1);
});

test('a call right after close is answered over a new connection', async () => {
  await using server = await serve([EchoController]);
  using client = connectTo(server.endpoints);
  await client.connect();
  client.close();
  expect(await echo(client, 1)).toBe(1);
});

test('a call made from the error handler of close is answered over a new connection', async () => {
  await using server = await serve([EchoController]);
  using client = connectTo(server.endpoints);
  await client.connect();
  const again = new Promise<unknown>((resolve, reject) => {
    client
      .send('never', {})
      .subscribe({ error: () => echo(client, 'again').then(resolve, reject) });
  });
  await eventually(() => expect(server.strategy.stats().running).toBe(1));
  client.close();
  expect(await again).toBe('again');
});

test('concurrent connects, calls and closes all settle, in any order', async () => {
  await using server = await serve([EchoController]);
  using client = connectTo(server.endpoints);
  const ends: Promise<unknown>[] = [];
  for (let round = 0; round < 30; round++) {
    ends.push(settled(client.connect()), settled(echo(client, round)));
    if (round % 3 === 0) client.close();
    // Each pending operation gets a turn, so that close meets different states.
    if (round % 2 === 0) await new Promise(setImmediate);
  }
  const results = await Promise.all(ends);
  expect(new Set(results)).toEqual(new Set(['done', 'CLOSED']));
  expect(await echo(client, 'last')).toBe('last');
  expect(client.stats()).toMatchObject({ pending: 0, dropped: {} });
});

test('closing one client does not affect another client of the same server', async () => {
  await using server = await serve([EchoController]);
  using staying = connectTo(server.endpoints);
  const leaving = connectTo(server.endpoints);
  await Promise.all([staying.connect(), leaving.connect()]);
  const open = staying.send('never', {}).subscribe();
  await eventually(() => expect(server.strategy.stats().running).toBe(1));
  const down: string[] = [];
  staying.on('down', (endpoint) => down.push(endpoint));
  leaving.close();
  expect(await Promise.all(Array.from({ length: 50 }, (_, n) => echo(staying, n)))).toHaveLength(
    50,
  );
  expect(open.closed).toBe(false);
  expect(down).toEqual([]);
  open.unsubscribe();
});

test('each connection reports its own status, from connected to disconnected', async () => {
  await using server = await serve([EchoController]);
  using client = connectTo(server.endpoints);
  const statuses: string[] = [];
  client.status.subscribe((status) => statuses.push(status));
  client.close();
  for (let round = 0; round < 2; round++) {
    await client.connect();
    client.close();
    client.close();
  }
  expect(statuses).toEqual(['connected', 'disconnected', 'connected', 'disconnected']);
});

test('listeners survive close and reconnect', async () => {
  await using server = await serve([EchoController]);
  using client = connectTo(server.endpoints);
  const up: string[] = [];
  client.on('up', (endpoint) => up.push(endpoint));
  for (let round = 0; round < 2; round++) {
    await echo(client, round);
    client.close();
  }
  expect(up).toEqual([...server.endpoints, ...server.endpoints]);
});

test('a listener that closes its client hears nothing more, and open calls fail with CLOSED', async () => {
  await using first = await serve([EchoController]);
  await using second = await serve([EchoController]);
  using client = connectTo([...first.endpoints, ...second.endpoints]);
  const told: string[] = [];
  const closeBy = (event: string) => () => {
    told.push(event);
    client.close();
  };
  client.on('up', closeBy('up'));
  client.on('down', closeBy('down'));
  await expect(echo(client, 'unheard')).rejects.toMatchObject({ code: 'CLOSED' });
  expect(told).toEqual(['up']);
});

test('app.close may be called repeatedly and concurrently, with or without listen', async () => {
  @Module({ controllers: [EchoController] })
  class ServedModule {}

  const create = async () => {
    const strategy = new FreelanceTransportServer({ bind: 'tcp://127.0.0.1:*' });
    const options = { strategy, logger: false as const };
    return { strategy, app: await NestFactory.createMicroservice(ServedModule, options) };
  };
  const unused = await create();
  await unused.app.close();
  await unused.app.close();
  const used = await create();
  await used.app.listen();
  using client = connectTo(used.strategy.endpoints);
  expect(await echo(client, 1)).toBe(1);
  await Promise.all([used.app.close(), used.app.close()]);
  await used.app.close();
  expect(used.strategy.endpoints).toEqual([]);
});

test('app.close during listen leaves nothing listening', async () => {
  @Module({ controllers: [EchoController] })
  class ServedModule {}

  const bind = await freeEndpoint();
  const strategy = new FreelanceTransportServer({ bind });
  const app = await NestFactory.createMicroservice(ServedModule, { strategy, logger: false });
  await app.init();
  const drains: unknown[] = [];
  const drained = (message: unknown) => drains.push(message);
  subscribe('nestjs-freelance:server:drain', drained);
  const listening = app.listen().then(
    () => 'listens',
    (error: Error) => error.message,
  );
  await app.close();
  expect(await listening).toBe('the server was closed before it listened');
  expect(strategy.endpoints).toEqual([]);
  unsubscribe('nestjs-freelance:server:drain', drained);
  expect(drains).toEqual([]);
  await using other = await serve([EchoController], { bind });
  expect(other.endpoints).toEqual([bind]);
});

test('a client of ClientsModule is closed at shutdown, with its open calls, as over TCP', async () => {
  await using both = await serveBoth({ controllers: [EchoController] });

  @Module({
    imports: [
      ClientsModule.register([
        { name: 'FREELANCE', customClass: FreelanceClientProxy, options: both.freelanceOptions },
        { name: 'TCP', transport: Transport.TCP, options: both.tcpOptions },
      ]),
    ],
  })
  class CallerModule {}

  const app = await NestFactory.createApplicationContext(CallerModule, { logger: false });
  const clients = [app.get<FreelanceClientProxy>('FREELANCE'), app.get<ClientTCP>('TCP')];
  for (const client of clients) await client.connect();
  const open = clients.map((client) => outcomeOf(client, 'never', {}));
  // Both calls are in flight before the application closes.
  for (const client of clients) expect(await outcomeOf(client, 'echo', 1)).toEqual({ values: [1] });
  await app.close();
  const [freelance, tcp] = await Promise.all(open);
  expect(freelance).toMatchObject({ values: [], error: { code: 'CLOSED' } });
  expect(tcp).toMatchObject({ values: [], error: { message: 'Connection closed' } });
  await app.close();
});

test('clients continue with a server that closed and listens again on the same address', async () => {
  const endpoint = await freeEndpoint();
  const first = await serve([EchoController], { bind: endpoint });
  using client = connectTo([endpoint]);
  expect(await echo(client, 1)).toBe(1);
  await first[Symbol.asyncDispose]();
  await eventually(() => expect(client.stats().endpoints[endpoint]?.state).toBe('dead'));
  const waiting = echo(client, 2);
  await using second = await serve([EchoController], { bind: endpoint });
  expect(await waiting).toBe(2);
  expect(second.strategy.stats().accepted).toBe(1);
});

test("a call made while its only server leaves waits for the server's return", async () => {
  const endpoint = await freeEndpoint();
  const first = await serve([EchoController], { bind: endpoint });
  using client = connectTo([endpoint]);
  await client.connect();
  const closing = first[Symbol.asyncDispose]();
  // The client has not been told yet, and still considers the server alive.
  const calls: Promise<unknown>[] = [];
  while (client.stats().endpoints[endpoint]?.state === 'alive') {
    calls.push(settled(echo(client, calls.length)));
    await new Promise(setImmediate);
  }
  await closing;
  await using second = await serve([EchoController], { bind: endpoint });
  expect(new Set(await Promise.all(calls))).toEqual(new Set(['done']));
  expect(second.endpoints).toEqual([endpoint]);
});

/** Unbinding a socket in another thread makes libzmq abort the process, in about one of two runs of this test. */
test('servers that close while their clients leave do not abort the process', async () => {
  for (let round = 0; round < 500; round++) {
    const server = new FreelanceTransportServer({ bind: 'tcp://127.0.0.1:*' });
    await new Promise<void>((resolve) => server.listen(() => resolve()));
    const [endpoint = ''] = server.endpoints;
    const clients = Array.from({ length: 4 }, () => new Dealer({ linger: 0 }));
    const ponged = clients.map(async (client) => {
      client.connect(endpoint);
      await client.send(['', 'PING']);
      return client.receive();
    });
    expect(await Promise.all(ponged)).toHaveLength(4);
    for (const client of clients) client.close();
    await server.close();
  }
});

test('an inproc name can be reused right after its server closed, but not before', async () => {
  const listen = (server: FreelanceTransportServer) =>
    new Promise<unknown>((resolve) => server.listen(resolve));
  const [one, other] = [1, 2].map(() => new FreelanceTransportServer({ bind: 'inproc://name' }));
  for (let round = 0; round < 50; round++) {
    expect(await listen(one as FreelanceTransportServer)).toBeUndefined();
    await one?.close();
  }
  expect(await listen(one as FreelanceTransportServer)).toBeUndefined();
  expect(await listen(other as FreelanceTransportServer)).toMatchObject({
    message: expect.stringContaining('cannot bind inproc://name'),
  });
  await one?.close();
});
