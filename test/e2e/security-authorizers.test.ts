import { Logger } from '@nestjs/common';
import { generateCurveKeyPair } from 'nestjs-freelance';
import { firstValueFrom } from 'rxjs';
import { expect, test } from 'vitest';
import { Router } from 'zeromq';
import { decodeZ85, encodeZ85 } from '../../lib/security/z85.js';
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

test('several servers of one process share the ZAP handler, each with its own decisions', async () => {
  await using hers = await serve([WhoController], { security: curveServer([alice.publicKey]) });
  await using his = await serve([WhoController], { security: curveServer([bob.publicKey]) });
  await using plain = await serve([WhoController], {
    security: { mechanism: 'plain', authorizedUsers: { carol: 'secret' } },
  });
  for (const [served, friend, stranger] of [
    [hers, alice, bob],
    [his, bob, alice],
  ] as const) {
    using client = connectTo(served.endpoints, { security: curveClient(friend) });
    expect(await firstValueFrom(client.send('who', {}))).toMatchObject({
      publicKey: friend.publicKey,
    });
    using refused = connectTo(served.endpoints, { security: curveClient(stranger) });
    await expect(refused.connect()).rejects.toMatchObject({ code: 'UNAUTHORIZED' });
  }
  using carol = connectTo(plain.endpoints, {
    security: { mechanism: 'plain', username: 'carol', password: 'secret' },
  });
  expect(await firstValueFrom(carol.send('who', {}))).toMatchObject({ userId: 'carol' });
});

test('remaining servers keep asking while others come and go', async () => {
  await using stays = await serve([WhoController], { security: curveServer([alice.publicKey]) });
  for (let round = 0; round < 20; round++) {
    await using passing = await serve([WhoController], { security: curveServer([bob.publicKey]) });
    using his = connectTo(passing.endpoints, { security: curveClient(bob) });
    await his.connect();
  }
  using hers = connectTo(stays.endpoints, { security: curveClient(alice) });
  await hers.connect();
  using his = connectTo(stays.endpoints, { security: curveClient(bob) });
  await expect(his.connect()).rejects.toMatchObject({ code: 'UNAUTHORIZED' });
});

test('the ZAP handler returns after the last server has left', async () => {
  for (let round = 0; round < 20; round++) {
    await using served = await serve([WhoController], { security: curveServer([bob.publicKey]) });
    using hers = connectTo(served.endpoints, { security: curveClient(alice) });
    await expect(hers.connect()).rejects.toMatchObject({ code: 'UNAUTHORIZED' });
    using his = connectTo(served.endpoints, { security: curveClient(bob) });
    await his.connect();
  }
});

test('a ZAP handler of another library in the process is not disturbed', async () => {
  const other = new Router({ linger: 0 });
  await other.bind('inproc://zeromq.zap.01');
  try {
    await using served = await serve([WhoController], {
      security: curveServer([alice.publicKey]),
    });
    using hers = connectTo(served.endpoints, { security: curveClient(alice) });
    await hers.connect();
    using his = connectTo(served.endpoints, { security: curveClient(bob) });
    await expect(his.connect()).rejects.toMatchObject({ code: 'UNAUTHORIZED' });
  } finally {
    other.close();
  }
});

test('a function decides by key and address, synchronously or later', async () => {
  const asked: [string, string][] = [];
  await using served = await serve([WhoController], {
    security: curveServer(async (publicKey, address) => {
      asked.push([publicKey, address]);
      await new Promise((resolve) => setTimeout(resolve, 20));
      return publicKey === alice.publicKey;
    }),
  });
  using hers = connectTo(served.endpoints, { security: curveClient(alice) });
  using his = connectTo(served.endpoints, { security: curveClient(bob) });
  expect(await firstValueFrom(hers.send('who', {}))).toMatchObject({ publicKey: alice.publicKey });
  await expect(his.connect()).rejects.toMatchObject({ code: 'UNAUTHORIZED' });
  expect(asked).toContainEqual([alice.publicKey, '127.0.0.1']);
});

test('only true admits a client', async () => {
  await using served = await serve([WhoController], {
    security: curveServer((() => 'yes') as unknown as () => boolean),
  });
  using client = connectTo(served.endpoints, { security: curveClient(alice) });
  await expect(client.connect()).rejects.toMatchObject({ code: 'UNAUTHORIZED' });
});

test('a function that throws admits nobody, and the client tries again', async () => {
  let isBroken = true;
  await using served = await serve([WhoController], {
    security: curveServer(() => {
      if (isBroken) throw new Error('the database is gone');
      return true;
    }),
  });
  using client = connectTo(served.endpoints, {
    security: curveClient(alice),
    connectTimeout: 200,
  });
  await eventually(() =>
    expect(client.connect()).rejects.toMatchObject({
      code: 'ECONNREFUSED',
      message: expect.stringContaining('it could not check whether this client is authorized'),
    }),
  );
  isBroken = false;
  await eventually(() => client.connect());
});

test('a function that throws or never settles is logged, at a bounded rate', async () => {
  const logged: unknown[] = [];
  const keep = (what: unknown) => void logged.push(what);
  let answer: () => Promise<boolean> = () => Promise.reject(new Error('the database is gone'));
  await using served = await serve([WhoController], { security: curveServer(() => answer()) });
  Logger.overrideLogger({ log: () => {}, warn: () => {}, error: keep });
  try {
    for (let times = 0; times < 20; times++) {
      using refused = new RawClient(served.endpoints[0] ?? '', curveOptions(bob));
      await eventually(() => expect(refused.happened).toContain('handshake:error:auth'));
    }
    expect(served.strategy.stats().unauthorized).toBe(20);
    expect(logged.length).toBeGreaterThan(0);
    expect(logged.length).toBeLessThan(10);
    expect(logged[0]).toMatchObject({ message: 'the database is gone' });
    answer = () => new Promise(() => {});
    using stuck = new RawClient(served.endpoints[0] ?? '', curveOptions(alice));
    // Before libzmq ends the handshake without a reason.
    await eventually(() => expect(stuck.happened).toContain('handshake:error:auth'));
  } finally {
    Logger.overrideLogger(false);
  }
});

// The engine `node` ends the handshake of a client that shows such a key.
test('with libzmq both forms of a key are the same key', async () => {
  const bytes = decodeZ85(alice.publicKey) ?? Buffer.alloc(0);
  bytes[31] = (bytes[31] ?? 0) ^ 0x80;
  const other = { ...alice, publicKey: encodeZ85(bytes) };
  const asked: string[] = [];
  await using served = await serve([WhoController], {
    engine: 'libzmq',
    security: curveServer((publicKey) => asked.push(publicKey) > 0),
  });
  const [endpoint = ''] = served.endpoints;
  using hers = new RawClient(endpoint, { ...curveOptions(other), routingId: sealOf(alice) });
  await hers.ask('who');
  await eventually(() => expect(hers.heard[0]).toContain(JSON.stringify(alice.publicKey)));
  served.strategy.revoke(alice.publicKey);
  await eventually(() => expect(hers.heard.at(-1)).toBe('DENIED'));
  using again = new RawClient(endpoint, { ...curveOptions(other), routingId: sealOf(alice) });
  await eventually(() => expect(again.happened).toContain('handshake:error:auth'));
  expect(asked).toEqual([alice.publicKey]);
});

test('a function that never settles delays only the clients that it decides about, and not for ever', async () => {
  await using served = await serve([WhoController], {
    security: curveServer((publicKey) =>
      publicKey === bob.publicKey ? new Promise<boolean>(() => {}) : true,
    ),
  });
  const options = { ...curveOptions(bob), routingId: sealOf(bob) };
  using stuck = new RawClient(served.endpoints[0] ?? '', options);
  using hers = connectTo(served.endpoints, { security: curveClient(alice) });
  await hers.connect();
  // libzmq ends a handshake after 5 s.
  await eventually(() => expect(stuck.happened).toContain('disconnect'));
  expect(stuck.happened).not.toContain('handshake');
});

/** Unbinding the ZAP handler in another thread makes libzmq abort the process, about once in fifty runs. */
test('a server that closes while clients are connected does not abort the process', async () => {
  for (let round = 0; round < 100; round++) {
    await using served = await serve([WhoController], { security: curveServer('any') });
    using hers = connectTo(served.endpoints, { security: curveClient(alice) });
    using his = connectTo(served.endpoints, { security: curveClient(bob) });
    await Promise.all([hers.connect(), his.connect()]);
    expect(served.strategy.stats().clients).toBe(2);
    await served.strategy.close();
  }
});
