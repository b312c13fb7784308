import { Controller } from '@nestjs/common';
import { MessagePattern, Payload } from '@nestjs/microservices';
import { setTimeout } from 'node:timers/promises';
import { firstValueFrom, lastValueFrom, range, mergeMap, toArray } from 'rxjs';
import { expect, test } from 'vitest';
import { Router } from 'zeromq';
import { eventually } from '../support/eventually.js';
import { connectTo, serve } from '../support/nest.js';

@Controller()
class SlowController {
  @MessagePattern('echo')
  async echo(@Payload() value: unknown) {
    await setTimeout(30);
    return value;
  }
}

/** A server that says it is ready and, at each PING, whatever else it likes. */
async function hostile(says: (router: Router, peer: Buffer) => Promise<void>) {
  const router = new Router({ linger: 0, sendTimeout: 0, mandatory: true });
  await router.bind('tcp://127.0.0.1:*');
  const capabilities = ['event', 'stream', 'cancel', 'drain', 'pack'];
  void (async () => {
    try {
      for await (const [peer, , command, id, time] of router) {
        if (!peer || String(command) !== 'PING') continue;
        const hello = JSON.stringify({ id: 'hostile', capabilities, load: 1 });
        await router.send([peer, '', 'PONG', id ?? '', time ?? '', hello]);
        await says(router, peer).catch(() => {});
      }
    } catch {
      // It was closed.
    }
  })();
  return {
    endpoint: router.lastEndpoint ?? '',
    [Symbol.dispose]: () => router.close(),
  };
}

const QUICK = { heartbeatInterval: 20, reconnectInterval: 20 };

test('nothing that a server says of calls that it did not get is heard', async () => {
  await using honest = await serve([SlowController]);
  // The ids of attempts are numbers that count up: they are easy to guess.
  using forger = await hostile(async (router, peer) => {
    for (let id = 1; id <= 300; id++) {
      const last = JSON.stringify({ status: 'last' });
      await router.send([peer, '', 'REPLY', `${id}`, '"forged"', last]);
      await router.send([peer, '', 'ACK', `${id}`]);
    }
  });
  using client = connectTo([forger.endpoint, ...honest.endpoints], {
    ...QUICK,
    // All calls go to the honest one: the forger is there, and gets none.
    balancer: {
      pick: (servers) =>
        servers.find(({ endpoint }) => endpoint !== forger.endpoint) as (typeof servers)[0],
    },
  });
  await client.connect();
  await eventually(() => expect(client.stats().dropped['REPLY to no call']).toBeGreaterThan(300));
  const calls = range(0, 200).pipe(
    mergeMap((n) => client.send<number>('echo', n)),
    toArray(),
  );
  const answers = await lastValueFrom(calls);
  expect(answers.toSorted((a, b) => a - b)).toEqual(Array.from({ length: 200 }, (_, n) => n));
});

test('a server that sends more than its client takes loses the connection, and the others serve', async () => {
  await using honest = await serve([SlowController]);
  const tooLarge = Buffer.alloc(1024 * 1024 + 1);
  using giant = await hostile(async (router, peer) => {
    await router.send([peer, '', 'REPLY', '1', tooLarge, '{"status":"last"}']);
  });
  using client = connectTo([giant.endpoint, ...honest.endpoints], {
    ...QUICK,
    maxMessageSize: 1024 * 1024,
  });
  const lost: string[] = [];
  client.on('down', (endpoint) => lost.push(endpoint));
  await client.connect();
  await eventually(() => expect(lost).toContain(giant.endpoint));
  expect(await firstValueFrom(client.send('echo', 'me'))).toBe('me');
});

test('no key of a reply, its headers or a hello reaches a prototype', async () => {
  await using honest = await serve([SlowController]);
  const wicked = '{"__proto__":{"polluted":1},"constructor":{"prototype":{"polluted":1}}}';
  using polluter = await hostile(async (router, peer) => {
    await router.send([peer, '', 'REPLY', '1', wicked, `{"status":"error",${wicked.slice(1)}`]);
    await router.send([peer, '', 'PONG', '1', 't', wicked]);
    await router.send([
      peer,
      '',
      'PACK',
      `[["REPLY","1",{"status":"last",${wicked.slice(1)},${wicked}]]`,
    ]);
  });
  using client = connectTo([polluter.endpoint, ...honest.endpoints], QUICK);
  await client.connect();
  for (let n = 0; n < 20; n++) await firstValueFrom(client.send('echo', n)).catch(() => {});
  expect({}).not.toHaveProperty('polluted');
  expect(client.stats().dropped).not.toHaveProperty('polluted');
});
