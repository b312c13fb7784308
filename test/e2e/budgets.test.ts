import { Controller } from '@nestjs/common';
import { Ctx, MessagePattern } from '@nestjs/microservices';
import {
  FreelanceContext,
  type FreelanceClientSecurity,
  type FreelanceServerSecurity,
  generateCurveKeyPair,
} from 'nestjs-freelance';
import { firstValueFrom, type Subscription } from 'rxjs';
import { afterEach, describe, expect, test } from 'vitest';
import { eventually } from '../support/eventually.js';
import { connectTo, serve } from '../support/nest.js';
import { curveClient, curveServer, keys } from '../support/security.js';

/** Occupies a place until its caller leaves. */
@Controller()
class HoldController {
  @MessagePattern('hold')
  hold(@Ctx() ctx: FreelanceContext) {
    return new Promise((done) => ctx.signal.addEventListener('abort', done));
  }

  @MessagePattern('ask')
  ask() {
    return 'answered';
  }
}

const PLACES = { maxConcurrency: 8, maxConcurrencyPerClient: 7, maxQueue: 8 };
const bob = generateCurveKeyPair();

type Who = 'alice' | 'bob';

const open: Subscription[] = [];

afterEach(() => {
  for (const call of open.splice(0)) call.unsubscribe();
});

describe.each<[string, FreelanceServerSecurity, (who: Who) => FreelanceClientSecurity]>([
  [
    'CURVE',
    curveServer([keys.alice.publicKey, bob.publicKey]),
    (who) => curveClient(who === 'alice' ? keys.alice : bob),
  ],
  [
    'PLAIN',
    { mechanism: 'plain', authorizedUsers: { alice: 'a', bob: 'b' } },
    (who) => ({ mechanism: 'plain', username: who, password: who.slice(0, 1) }),
  ],
])('over %s', (_mechanism, security, as) => {
  test('two connections of one client share one budget, and another client is answered', async () => {
    await using server = await serve([HoldController], { ...PLACES, security });
    const connect = (who: Who) => connectTo(server.endpoints, { security: as(who) });
    using first = connect('alice');
    using second = connect('alice');
    using other = connect('bob');
    const codes: unknown[] = [];
    for (let n = 0; n < 20; n++) {
      for (const client of [first, second]) {
        const error = ({ code }: { code: unknown }) => codes.push(code);
        open.push(client.send('hold', n).subscribe({ error }));
      }
    }
    await eventually(() =>
      expect(server.strategy.stats()).toMatchObject({ running: 7, clients: 2, keys: 1 }),
    );
    expect(await firstValueFrom(other.send('ask', 0))).toBe('answered');
    await eventually(() => expect(codes).toHaveLength(33));
    expect([...new Set(codes)]).toEqual(['OVERLOADED']);
    expect(server.strategy.stats()).toMatchObject({ running: 7, clients: 3, keys: 2 });
    expect(server.strategy.stats().refusedPerClient).toBeGreaterThan(0);
  });
});
