import { Controller } from '@nestjs/common';
import { Ctx, MessagePattern } from '@nestjs/microservices';
import { FreelanceContext, generateCurveKeyPair } from 'nestjs-freelance';
import { NEVER, of } from 'rxjs';
import { beforeEach, describe, expect, test } from 'vitest';
import { eventually } from '../support/eventually.js';
import { serve } from '../support/nest.js';
import { curveOptions, curveServer, keys, RawClient, sealOf } from '../support/security.js';

const { alice } = keys;
const bob = generateCurveKeyPair();

/** What ran, and what was stopped. */
const ran: string[] = [];
const stopped: string[] = [];
let revoke = () => {};

@Controller()
class LongController {
  @MessagePattern('long')
  long(@Ctx() ctx: FreelanceContext) {
    ran.push('long');
    ctx.signal.addEventListener('abort', () => stopped.push('long'));
    return NEVER;
  }

  @MessagePattern('short')
  short() {
    ran.push('short');
    return 'done';
  }
}

beforeEach(() => {
  ran.length = 0;
  stopped.length = 0;
});

const serveBoth = async (options: object = {}) => {
  const served = await serve([LongController], {
    security: curveServer([alice.publicKey, bob.publicKey]),
    ...options,
  });
  revoke = () => served.strategy.revoke(alice.publicKey);
  return served;
};

const client = (endpoint: string, pair = alice) =>
  new RawClient(endpoint, { ...curveOptions(pair), routingId: sealOf(pair) });

describe('after revoke() nothing of that key runs, waits or is answered', () => {
  test.each([
    ['basic', () => ['']],
    ['tracked', (id: string) => ['', id]],
  ])('in the %s dialect', async (_, head) => {
    await using served = await serveBoth({ maxConcurrency: 2, drainTimeout: 0 });
    const [endpoint = ''] = served.endpoints;
    using first = client(endpoint);
    using second = client(endpoint);
    using his = client(endpoint, bob);
    const ask = (id: string, pattern: string) => {
      const [empty = '', ...ids] = head(id);
      return [empty, 'REQUEST', ...ids, JSON.stringify({ pattern, data: {} })];
    };
    await first.socket.send(ask('1', 'long'));
    await eventually(() => expect(ran).toEqual(['long']));
    await his.socket.send(ask('2', 'long'));
    await eventually(() => expect(ran).toHaveLength(2));
    await first.socket.send(ask('3', 'short'));
    await second.socket.send(ask('4', 'short'));
    await eventually(() => expect(served.strategy.stats().queued).toBe(2));
    revoke();
    expect(served.strategy.stats()).toMatchObject({ running: 1, queued: 0 });
    expect(stopped).toEqual(['long']);
    for (const hers of [first, second]) {
      await eventually(() => expect(hers.heard).toEqual(['DENIED']));
    }
    expect(ran).toEqual(['long', 'long']);
  });

  test('not even what follows the revoking call in the same pack', async () => {
    await using served = await serveBoth();
    // Nest's pipes take some turns. This handler has none, so it revokes the key before the next call is read.
    served.strategy.addHandler('revoke me', () => {
      revoke();
      return Promise.resolve(of('done'));
    });
    using hers = client(served.endpoints[0] ?? '');
    await hers.socket.send(['', 'PING', '1', 't', '{"capabilities":["pack"]}']);
    await eventually(() => expect(hers.heard).toHaveLength(1));
    const calls = ['revoke me', 'short', 'short'].map((pattern, at) => [
      'REQUEST',
      `${at}`,
      { pattern },
      {},
    ]);
    await hers.socket.send(['', 'PACK', JSON.stringify(calls)]);
    await eventually(() => expect(hers.heard.slice(1)).toEqual(['DENIED']));
    expect(ran).toEqual([]);
    expect(served.strategy.stats()).toMatchObject({ running: 0, queued: 0, accepted: 1 });
  });
});
