import { Controller } from '@nestjs/common';
import { MessagePattern } from '@nestjs/microservices';
import { type FreelanceInfo, FreelanceRecordBuilder } from 'nestjs-freelance';
import { firstValueFrom } from 'rxjs';
import { afterEach, expect, test } from 'vitest';
import { Dealer } from 'zeromq';
import { eventually } from '../support/eventually.js';
import { connectTo, serve } from '../support/nest.js';
import { curveClient, curveServer, keys, RawClient } from '../support/security.js';

@Controller()
class OneController {
  @MessagePattern('one')
  one() {
    return 1;
  }
}

/** Has so many handlers that its `$freelance.info` has 256 KiB. */
function largeController() {
  @Controller()
  class LargeController extends OneController {}

  for (let number = 0; number < 1500; number++) {
    const value = () => number;
    const descriptor = { value, configurable: true, writable: true };
    Object.defineProperty(LargeController.prototype, `handler${number}`, descriptor);
    MessagePattern(`handler.${number}`, { description: 'x'.repeat(250) })(
      LargeController.prototype,
      `handler${number}`,
      descriptor,
    );
  }
  return LargeController;
}

const open: Disposable[] = [];
afterEach(() => {
  for (const each of open.splice(0)) each[Symbol.dispose]();
});

/** A client that sends, and reads nothing. */
function silentClient(endpoint = ''): Dealer {
  const dealer = new Dealer({ linger: 0, receiveHighWaterMark: 1, sendTimeout: 60_000 });
  dealer.connect(endpoint);
  open.push({ [Symbol.dispose]: () => dealer.close() });
  return dealer;
}

const MIB = 1024 * 1024;

test('thousands of questions in a few packs, whose answers nobody reads, take neither memory nor the server', async () => {
  await using served = await serve([largeController()], { drainTimeout: 0 });
  using friend = connectTo(served.endpoints);
  const { patterns, morePatterns } = await firstValueFrom(
    friend.send<FreelanceInfo>('$freelance.info', {}),
  );
  const size = JSON.stringify(patterns).length;
  expect(size).toBeGreaterThan(250 * 1024);
  expect(patterns.length + (morePatterns ?? 0)).toBe(1501);
  const pack = Array.from({ length: 1024 }, (_, index) => [
    'REQUEST',
    String(index),
    index === 0 ? { pattern: '$freelance.info' } : 0,
  ]);
  const before = process.memoryUsage().arrayBuffers;
  const hostile = silentClient(served.endpoints[0]);
  for (let sent = 0; sent < 4; sent++) {
    await hostile.send(['', 'PACK', JSON.stringify(pack)]);
    expect(await firstValueFrom(friend.send('one', {}))).toBe(1);
  }
  await eventually(() => expect(served.strategy.stats().introspections).toBe(4097));
  // 1 GiB, had each answer its own bytes.
  expect(process.memoryUsage().arrayBuffers - before).toBeLessThan(64 * MIB);
  expect(served.strategy.stats()).toMatchObject({ running: 0, queued: 0 });
});

test('answers that wait for credit take no more than the places of one client', async () => {
  const bounds = { maxConcurrency: 8, maxQueue: 8, drainTimeout: 0 };
  await using served = await serve([OneController], bounds);
  const hostile = silentClient(served.endpoints[0]);
  const headers = '{"pattern":"$freelance.stats","credit":0}';
  for (let id = 0; id < 100; id++) await hostile.send(['', 'REQUEST', String(id), '', headers]);
  await eventually(() => expect(served.strategy.stats().refused.busy).toBeGreaterThan(0));
  await eventually(() => expect(served.strategy.stats().running).toBe(7));
  using friend = connectTo(served.endpoints);
  expect(await firstValueFrom(friend.send('one', {}))).toBe(1);
  // A server that is asked too often gives the answer that it gave before.
  await eventually(async () =>
    expect(await firstValueFrom(friend.send('$freelance.stats', {}))).toMatchObject({
      stats: { running: 8, calls: 1 },
    }),
  );
});

test('data is ignored, whatever it is', async () => {
  await using served = await serve([OneController]);
  using raw = new RawClient(served.endpoints[0] ?? '');
  const pattern = '$freelance.info';
  const deep = `${'['.repeat(5000)}${']'.repeat(5000)}`;
  for (const data of ['1', '"x"', deep, `"${'x'.repeat(2 * MIB)}"`, '{"__proto__":{"id":"no"}}']) {
    raw.heard.length = 0;
    await raw.socket.send(['', 'REQUEST', '1', `{"pattern":"${pattern}","data":${data}}`]);
    await eventually(() => expect(raw.heard.join()).toContain('"library"'));
    raw.heard.length = 0;
    await raw.socket.send(['', 'REQUEST', '1', data, `{"pattern":"${pattern}"}`]);
    await eventually(() => expect(raw.heard.join()).toContain('"library"'));
  }
  for (const type of ['bytes', 'text']) {
    raw.heard.length = 0;
    const headers = JSON.stringify({ pattern, type, serialized: true });
    await raw.socket.send(['', 'REQUEST', '1', 'packet', headers]);
    await eventually(() => expect(raw.heard.join()).toContain('"library"'));
  }
});

test('a client that was revoked learns nothing more', async () => {
  const security = curveServer([keys.alice.publicKey]);
  await using served = await serve([OneController], { security });
  using alice = connectTo(served.endpoints, { security: curveClient(keys.alice) });
  const ask = () => {
    const request = new FreelanceRecordBuilder({}).setTimeout(60_000).build();
    return firstValueFrom(alice.send('$freelance.info', request));
  };
  expect(await ask()).toMatchObject({ mechanism: 'curve' });
  served.strategy.revoke(keys.alice.publicKey);
  await expect(ask()).rejects.toMatchObject({ code: 'UNAUTHORIZED' });
  served.strategy.authorize(keys.alice.publicKey);
  using again = connectTo(served.endpoints, { security: curveClient(keys.alice) });
  expect(await firstValueFrom(again.send('$freelance.stats', {}))).toHaveProperty('stats');
});
