import { once } from 'node:events';
import { type AddressInfo, connect, createServer, type Socket } from 'node:net';
import { Controller, Module } from '@nestjs/common';
import { NestFactory } from '@nestjs/core';
import { Ctx, MessagePattern } from '@nestjs/microservices';
import { FreelanceContext, FreelanceTransportServer, generateCurveKeyPair } from 'nestjs-freelance';
import { firstValueFrom, NEVER } from 'rxjs';
import { expect, test } from 'vitest';
import { eventually } from '../support/eventually.js';
import { connectTo, serve } from '../support/nest.js';
import {
  curveClient,
  curveOptions,
  curveServer,
  keys,
  RawClient,
  sealOf,
  WhoController,
} from '../support/security.js';

const { alice } = keys;
const bob = generateCurveKeyPair();
const [ALICE, BOB] = [alice, bob].map(({ publicKey }) => ({ publicKey }));

test('a key authorized at run time admits a client that was refused before', async () => {
  await using served = await serve([WhoController], { security: curveServer([]) });
  using client = connectTo(served.endpoints, { security: curveClient(alice) });
  await expect(client.connect()).rejects.toMatchObject({ code: 'UNAUTHORIZED' });
  served.strategy.authorize(alice.publicKey);
  await eventually(() => client.connect());
  expect(await firstValueFrom(client.send('who', {}))).toMatchObject(ALICE ?? {});
});

test('a revoked key loses its connections and running calls, and others lose nothing', async () => {
  const running = new Set<string | undefined>();

  @Controller()
  class LongController {
    @MessagePattern('long')
    long(@Ctx() ctx: FreelanceContext) {
      const key = ctx.getPeer()?.publicKey;
      running.add(key);
      ctx.signal.addEventListener('abort', () => running.delete(key));
      return NEVER;
    }
  }

  await using served = await serve([WhoController, LongController], {
    security: curveServer([alice.publicKey, bob.publicKey]),
  });
  using hers = connectTo(served.endpoints, { security: curveClient(alice), idempotent: false });
  using his = connectTo(served.endpoints, { security: curveClient(bob) });
  const [lost] = [hers, his].map((client) => {
    const ended = new Promise((resolve) => {
      client.send('long', {}).subscribe({ error: resolve });
    });
    return ended;
  });
  await eventually(() => expect(running).toEqual(new Set([alice.publicKey, bob.publicKey])));

  served.strategy.revoke(alice.publicKey);
  expect(await lost).toMatchObject({ code: 'ECONNRESET' });
  expect(running).toEqual(new Set([bob.publicKey]));
  await expect(firstValueFrom(hers.send('who', {}))).rejects.toMatchObject({
    code: 'UNAUTHORIZED',
  });
  expect(await firstValueFrom(his.send('who', {}))).toMatchObject(BOB ?? {});
  // The client reconnects, and is refused in the handshake.
  await eventually(() => expect(served.strategy.stats().unauthorized).toBeGreaterThan(0));
  expect(running).toEqual(new Set([bob.publicKey]));

  served.strategy.authorize(alice.publicKey);
  await eventually(() => hers.connect());
  expect(await firstValueFrom(hers.send('who', {}))).toMatchObject(ALICE ?? {});
});

test('with libzmq, which cannot end the connection, a revoked client that ignores it is no longer heard', async () => {
  await using served = await serve([WhoController], {
    engine: 'libzmq',
    security: curveServer([alice.publicKey]),
  });
  const [endpoint = ''] = served.endpoints;
  const options = () => ({ ...curveOptions(alice), routingId: sealOf(alice) });
  using speaking = new RawClient(endpoint, options());
  await speaking.ask('who');
  await eventually(() => expect(speaking.heard).toHaveLength(1));
  // This client is connected and waits.
  using silent = new RawClient(endpoint, options());
  await eventually(() => expect(silent.happened).toContain('handshake'));

  served.strategy.revoke(alice.publicKey);
  await eventually(() => expect(speaking.heard.at(-1)).toBe('DENIED'));
  await speaking.ask('who');
  await silent.ask('who');
  await eventually(() => expect(silent.heard).toEqual(['DENIED']));
  await eventually(() => expect(speaking.heard.slice(1)).toEqual(['DENIED', 'DENIED']));
  expect(served.strategy.stats().accepted).toBe(1);
});

test('with libzmq anonymous clients are no longer heard once a client was revoked', async () => {
  const security = curveServer([alice.publicKey, bob.publicKey], { allowAnonymous: true });
  await using served = await serve([WhoController], { engine: 'libzmq', security });
  const [endpoint = ''] = served.endpoints;
  using hers = new RawClient(endpoint, curveOptions(alice));
  using his = new RawClient(endpoint, curveOptions(bob));
  for (const client of [hers, his]) {
    await client.ask('who');
    await eventually(() => expect(client.heard).toEqual(['REPLY 1 {}']));
  }
  served.strategy.revoke(alice.publicKey);
  for (const client of [hers, his]) {
    await eventually(() => expect(client.heard.at(-1)).toBe('DENIED'));
  }
  await hers.ask('who');
  await eventually(() => expect(hers.heard.slice(1)).toEqual(['DENIED', 'DENIED']));
  // The anonymous client may reconnect, the revoked one may not.
  using again = new RawClient(endpoint, curveOptions(bob));
  await again.ask('who');
  await eventually(() => expect(again.heard).toEqual(['REPLY 1 {}']));
  using never = new RawClient(endpoint, curveOptions(alice));
  await eventually(() => expect(never.happened).toContain('handshake:error:auth'));
});

test('a revocation survives closing the server, and overrides a function, too', async () => {
  const strategy = new FreelanceTransportServer({
    bind: 'tcp://127.0.0.1:*',
    security: curveServer(() => true),
  });
  strategy.revoke(alice.publicKey);
  for (let times = 0; times < 2; times++) {
    await new Promise<void>((resolve, reject) => {
      strategy.listen((error) => (error ? reject(error) : resolve()));
    });
    using client = connectTo(strategy.endpoints, { security: curveClient(alice) });
    await expect(client.connect()).rejects.toMatchObject({ code: 'UNAUTHORIZED' });
    await strategy.close();
  }
});

test('a key revoked while its authorization is pending is not admitted', async () => {
  const answers: ((isAuthorized: boolean) => void)[] = [];
  await using served = await serve([WhoController], {
    security: curveServer(() => new Promise((resolve) => answers.push(resolve))),
  });
  using client = connectTo(served.endpoints, { security: curveClient(alice) });
  const connected = client.connect();
  await eventually(() => expect(answers).toHaveLength(1));
  served.strategy.revoke(alice.publicKey);
  answers[0]?.(true);
  await expect(connected).rejects.toMatchObject({ code: 'UNAUTHORIZED' });
});

/** The procedure in docs/security.md, "A new key for a server". */
test('a server changes its key by a second address, and no call is lost', async () => {
  const next = generateCurveKeyPair();

  @Module({ controllers: [WhoController] })
  class AppModule {}

  const app = await NestFactory.create(AppModule, { logger: false });
  const [old, young] = [keys.server, next].map((pair) => {
    const security = { ...curveServer([alice.publicKey]), ...pair };
    const strategy = new FreelanceTransportServer({ bind: 'tcp://127.0.0.1:*', security });
    app.connectMicroservice({ strategy });
    return strategy;
  });
  if (!old || !young) throw new Error('there are two');
  await app.startAllMicroservices();
  const [[first = ''], [second = '']] = [old.endpoints, young.endpoints];
  using client = connectTo([first], {
    security: curveClient(alice, { [first]: keys.server.publicKey }),
    idempotent: false,
  });
  let calls = 0;
  const over = new AbortController();
  const calling = (async () => {
    while (!over.signal.aborted) {
      expect(await firstValueFrom(client.send('who', {}))).toMatchObject(ALICE ?? {});
      calls++;
    }
  })();
  await eventually(() => expect(calls).toBeGreaterThan(10));
  client.addEndpoint(second, next.publicKey);
  await eventually(() => expect(client.stats().endpoints[second]?.state).toBe('alive'));
  client.removeEndpoint(first);
  await old.close();
  const before = calls;
  await eventually(() => expect(calls).toBeGreaterThan(before + 10));
  over.abort();
  await calling;
  expect(young.stats().accepted).toBeGreaterThan(10);
  await app.close();
});

/** Whether the TCP connection behind a proxy is still open. */
async function proxied(endpoint: string) {
  const open = new Set<Socket>();
  const server = createServer((from) => {
    const to = connect(Number(endpoint.split(':').at(-1)), '127.0.0.1');
    open.add(to);
    to.on('close', () => {
      open.delete(to);
      from.destroy();
    });
    from.on('close', () => to.destroy());
    from.on('error', () => to.destroy());
    to.on('error', () => from.destroy());
    from.pipe(to).pipe(from);
  }).listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  return {
    endpoint: `tcp://127.0.0.1:${port}`,
    open,
    [Symbol.dispose]: () => server.close(),
  };
}

test('the TCP connection of a revoked client of this library ends at once', async () => {
  await using served = await serve([WhoController], {
    security: curveServer([alice.publicKey]),
  });
  using proxy = await proxied(served.endpoints[0] ?? '');
  using client = connectTo([proxy.endpoint], {
    security: curveClient(alice),
  });
  expect(await firstValueFrom(client.send('who', {}))).toMatchObject(ALICE ?? {});
  const [connection] = proxy.open;
  served.strategy.revoke(alice.publicKey);
  await eventually(() => expect(connection?.destroyed).toBe(true));
});
