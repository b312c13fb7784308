import { Controller } from '@nestjs/common';
import { Ctx, MessagePattern } from '@nestjs/microservices';
import { FreelanceContext, generateCurveKeyPair } from 'nestjs-freelance';
import { firstValueFrom, NEVER } from 'rxjs';
import { beforeEach, describe, expect, test } from 'vitest';
import { eventually } from '../support/eventually.js';
import { connectTo, serve } from '../support/nest.js';
import {
  curveClient,
  curveOptions,
  curveServer,
  keys,
  plainSeal,
  RawClient,
  sealOf,
  WhoController,
} from '../support/security.js';

const { alice } = keys;
const bob = generateCurveKeyPair();
const engine = 'node';

const served = (authorized: Parameters<typeof curveServer>[0] = [alice.publicKey, bob.publicKey]) =>
  serve([WhoController, LongController], { engine, security: curveServer(authorized) });

let stopped = 0;

@Controller()
class LongController {
  @MessagePattern('long')
  long(@Ctx() ctx: FreelanceContext) {
    ctx.signal.addEventListener('abort', () => stopped++);
    return NEVER;
  }
}

beforeEach(() => (stopped = 0));

const who = ({ publicKey }: { publicKey: string }) =>
  `REPLY 1 ${JSON.stringify({ publicKey, userId: publicKey, address: '127.0.0.1' })}`;

describe('the server knows the owner of a connection from its handshake', () => {
  test('even if the client does not send a seal', async () => {
    await using server = await served();
    using raw = new RawClient(server.endpoints[0] ?? '', curveOptions(alice));
    await raw.ask('who');
    await eventually(() => expect(raw.heard).toEqual([who(alice)]));
  });

  test.each([
    ['another client', () => sealOf(bob, alice.publicKey)],
    ['another client, by the seal of that one', () => sealOf(alice)],
    ['nobody', () => 'x'.repeat(255)],
  ])('whatever routing id it chose: that of %s', async (_, routingId) => {
    await using server = await served();
    const options = { ...curveOptions(bob), routingId: routingId() };
    using raw = new RawClient(server.endpoints[0] ?? '', options);
    await raw.ask('who');
    await eventually(() => expect(raw.heard).toEqual([who(bob)]));
    expect(server.strategy.stats()).toMatchObject({ unauthorized: 0, dropped: {} });
  });

  test('even if several have the same routing id, and serves them all', async () => {
    await using server = await served();
    const [endpoint = ''] = server.endpoints;
    const routingId = sealOf(alice);
    using first = new RawClient(endpoint, { ...curveOptions(alice), routingId });
    using second = new RawClient(endpoint, { ...curveOptions(bob), routingId });
    for (let round = 1; round <= 2; round++) {
      await first.ask('who');
      await second.ask('who');
      await eventually(() => {
        expect(first.heard).toEqual(Array(round).fill(who(alice)));
        expect(second.heard).toEqual(Array(round).fill(who(bob)));
      });
    }
  });

  test('with PLAIN by the name and password that it sent, and by no other', async () => {
    const asked: string[][] = [];
    await using server = await serve([WhoController], {
      engine,
      security: {
        mechanism: 'plain',
        authorizedUsers: (...shown) => (asked.push(shown), shown[1] === 'his'),
      },
    });
    using raw = new RawClient(server.endpoints[0] ?? '', {
      plainUsername: 'bob',
      plainPassword: 'his',
      routingId: plainSeal('alice', 'hers'),
    });
    await raw.ask('who');
    await eventually(() => expect(raw.heard[0]).toContain('"userId":"bob"'));
    expect(asked).toEqual([['bob', 'his', '127.0.0.1']]);
  });
});

describe('revoke()', () => {
  test('ends the connections of that key in the same turn, with the reason, and no others', async () => {
    await using server = await served();
    const [endpoint = ''] = server.endpoints;
    using hers = new RawClient(endpoint, curveOptions(alice));
    using his = new RawClient(endpoint, curveOptions(bob));
    await hers.ask('long');
    await his.ask('long');
    await eventually(() => expect(server.strategy.stats().running).toBe(2));
    server.strategy.revoke(alice.publicKey);
    expect(stopped).toBe(1);
    expect(server.strategy.unwrap<Set<unknown>>().size).toBe(1);
    await eventually(() => expect(hers.heard).toEqual(['DENIED']));
    await eventually(() => expect(hers.happened).toContain('disconnect'));
    await his.socket.send(['', 'REQUEST', '2', '{"pattern":"who","data":{}}']);
    await eventually(() => expect(his.heard).toHaveLength(1));
    expect(his.happened).not.toContain('disconnect');
  });

  test('refuses a client whose authorization is pending, whatever the result', async () => {
    let answer = (_isAuthorized: boolean) => {};
    let asked = 0;
    await using server = await served(
      () => (asked++, new Promise<boolean>((resolve) => (answer = resolve))),
    );
    using hers = new RawClient(server.endpoints[0] ?? '', {
      ...curveOptions(alice),
      reconnectInterval: -1,
    });
    await eventually(() => expect(asked).toBe(1));
    server.strategy.revoke(alice.publicKey);
    await eventually(() => expect(hers.happened).toContain('handshake:error:auth'));
    answer(true);
    await new Promise(setImmediate);
    expect(server.strategy.unwrap<Set<unknown>>().size).toBe(0);
  });

  test('tells a client of this library, which tries again once it is authorized', async () => {
    await using server = await served();
    using client = connectTo(server.endpoints, { engine, security: curveClient(alice) });
    expect(await firstValueFrom(client.send('who', {}))).toMatchObject({ userId: alice.publicKey });
    server.strategy.revoke(alice.publicKey);
    await expect(firstValueFrom(client.send('who', {}))).rejects.toMatchObject({
      code: 'UNAUTHORIZED',
    });
    server.strategy.authorize(alice.publicKey);
    await eventually(async () =>
      expect(await firstValueFrom(client.send('who', {}))).toMatchObject({
        userId: alice.publicKey,
      }),
    );
  });
});

test('one key has a bounded number of connections, and others are not affected', async () => {
  await using server = await serve([WhoController], {
    engine,
    maxConnections: 2,
    security: curveServer([alice.publicKey, bob.publicKey]),
  });
  const [endpoint = ''] = server.endpoints;
  using first = new RawClient(endpoint, curveOptions(alice));
  using second = new RawClient(endpoint, curveOptions(alice));
  for (const raw of [first, second]) {
    await eventually(() => expect(raw.happened).toEqual(['handshake']));
  }
  using third = new RawClient(endpoint, curveOptions(alice));
  await eventually(() => expect(third.happened).toContain('handshake:error:auth'));
  using his = new RawClient(endpoint, curveOptions(bob));
  await his.ask('who');
  await eventually(() => expect(his.heard).toEqual([who(bob)]));
  first[Symbol.dispose]();
  await eventually(() => expect(server.strategy.unwrap<Set<unknown>>().size).toBe(2));
  using fourth = new RawClient(endpoint, curveOptions(alice));
  await eventually(() => expect(fourth.happened).toEqual(['handshake']));
});
