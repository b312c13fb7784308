import { Controller } from '@nestjs/common';
import { MessagePattern, Payload } from '@nestjs/microservices';
import type { FreelanceClientProxy } from 'nestjs-freelance';
import { setTimeout } from 'node:timers/promises';
import { firstValueFrom, lastValueFrom, range, mergeMap, toArray } from 'rxjs';
import { describe, expect, test } from 'vitest';
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

const PACKING = ['event', 'stream', 'cancel', 'drain', 'pack'];

/** A server that claims to be ready and sends arbitrary messages on each PING; it also replies to calls. */
async function hostile(
  says: (router: Router, peer: Buffer) => Promise<void>,
  reply?: { capabilities: string[]; to: (data: string) => string[] },
) {
  const router = new Router({ linger: 0, sendTimeout: 0, mandatory: true });
  await router.bind('tcp://127.0.0.1:*');
  const capabilities = reply?.capabilities ?? PACKING;
  void (async () => {
    try {
      for await (const [peer, , command, id, time] of router) {
        if (peer && String(command) === 'REQUEST' && reply) {
          // The frame after the id, where a PING has its time, is the data.
          await router.send([peer, '', 'REPLY', id ?? '', ...reply.to(String(time))]);
        }
        if (!peer || String(command) !== 'PING') continue;
        const hello = JSON.stringify({ id: 'hostile', capabilities, load: 1 });
        await router.send([peer, '', 'PONG', id ?? '', time ?? '', hello]);
        await says(router, peer).catch(() => {});
      }
    } catch {
      // The socket was closed.
    }
  })();
  return {
    endpoint: router.lastEndpoint ?? '',
    [Symbol.dispose]: () => router.close(),
  };
}

const QUICK = { heartbeatInterval: 20, reconnectInterval: 20 };

test('replies of a server to calls that it did not receive are ignored', async () => {
  await using honest = await serve([SlowController]);
  // The ids of attempts count up, so they are easy to guess.
  using forger = await hostile(async (router, peer) => {
    const forge = async () => {
      for (let id = 1; id <= 300; id++) {
        const last = JSON.stringify({ status: 'last' });
        await router.send([peer, '', 'REPLY', `${id}`, '"forged"', last]);
        await router.send([peer, '', 'ACK', `${id}`]);
      }
    };
    // Continuously, not only on PINGs.
    while (!router.closed) {
      await forge().catch(() => {});
      await setTimeout(20);
    }
  });
  using client = connectTo([forger.endpoint, ...honest.endpoints], {
    // On a busy machine the honest server must not look silent.
    heartbeatInterval: 30_000,
    // All calls go to the honest server: the forger is connected, and gets none.
    balancer: {
      pick: (servers) =>
        servers.find(({ endpoint }) => endpoint !== forger.endpoint) as (typeof servers)[0],
    },
  });
  await client.connect();
  await eventually(() => {
    const { dropped, endpoints } = client.stats();
    expect(dropped['unknown-reply']).toBeGreaterThan(300);
    // The balancer has nobody else to choose.
    expect(honest.endpoints.map((endpoint) => endpoints[endpoint]?.state)).toEqual(['alive']);
  });
  const calls = range(0, 200).pipe(
    mergeMap((n) => client.send<number>('echo', n)),
    toArray(),
  );
  const answers = await lastValueFrom(calls);
  expect(answers.toSorted((a, b) => a - b)).toEqual(Array.from({ length: 200 }, (_, n) => n));
});

test('a server that sends too large a message loses the connection, and calls go elsewhere', async () => {
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

describe('no key of a reply, its headers or a hello reaches a prototype', () => {
  const wicked = '{"__proto__":{"polluted":1},"constructor":{"prototype":{"polluted":1}}}';
  const unpolluted = (client: FreelanceClientProxy) => {
    expect({}).not.toHaveProperty('polluted');
    expect(client.stats().dropped).not.toHaveProperty('polluted');
  };

  test('in messages that belong to no call', async () => {
    await using honest = await serve([SlowController]);
    let said = 0;
    using polluter = await hostile(async (router, peer) => {
      for (; said < 10; said++) {
        await router.send([peer, '', 'REPLY', '1', wicked, `{"status":"error",${wicked.slice(1)}`]);
        await router.send([peer, '', 'PONG', '1', 't', wicked]);
        await router.send([
          peer,
          '',
          'PACK',
          `[["REPLY","1",{"status":"last",${wicked.slice(1)},${wicked}]]`,
        ]);
      }
    });
    using client = connectTo([polluter.endpoint, ...honest.endpoints], {
      // On a busy machine the honest server must not look silent.
      heartbeatInterval: 30_000,
      // All calls go to the honest server.
      balancer: {
        pick: (servers) =>
          servers.find(({ endpoint }) => endpoint !== polluter.endpoint) as (typeof servers)[0],
      },
    });
    await client.connect();
    await eventually(() => {
      expect(client.stats().endpoints[honest.endpoints[0] ?? '']?.state).toBe('alive');
      expect(said).toBe(10);
      expect(client.stats().dropped['unknown-reply']).toBeGreaterThan(5);
    });
    for (let n = 0; n < 20; n++) expect(await firstValueFrom(client.send('echo', n))).toBe(n);
    unpolluted(client);
  });

  test('in replies to a call: they are plain keys of the value or the error', async () => {
    using polluter = await hostile(() => Promise.resolve(), {
      capabilities: [],
      to: (status) => [wicked, `{"status":"${status}",${wicked.slice(1)}`],
    });
    using client = connectTo([polluter.endpoint], QUICK);
    await client.connect();
    const value = await firstValueFrom(client.send<object>('any', 'last'));
    expect(Object.keys(value)).toEqual(['__proto__', 'constructor']);
    expect(value).not.toHaveProperty('polluted');
    const error = await firstValueFrom(client.send('any', 'error')).catch((reason) => reason);
    expect(Object.keys(error as object)).toEqual(['__proto__', 'constructor']);
    expect(error).not.toHaveProperty('polluted');
    unpolluted(client);
  });
});
