import { Controller, type Type } from '@nestjs/common';
import { Ctx, MessagePattern } from '@nestjs/microservices';
import { FreelanceContext, FreelanceRecordBuilder } from 'nestjs-freelance';
import { firstValueFrom, NEVER } from 'rxjs';
import { expect, test } from 'vitest';
import { eventually } from '../support/eventually.js';
import { connectTo, serve } from '../support/nest.js';

/** A server whose handler answers with a name, or never, and records the outcome of its calls. */
function serverOf(answer: string | undefined) {
  const seen = { calls: 0, aborted: 0 };
  @Controller()
  class Named {
    @MessagePattern('who')
    who(@Ctx() context: FreelanceContext) {
      seen.calls++;
      context.signal.addEventListener('abort', () => seen.aborted++);
      return answer ?? NEVER;
    }
  }
  return { seen, controller: Named as Type };
}

const hedged = (after: number, max: number) =>
  new FreelanceRecordBuilder({}).setHedge({ after, max }).build();

test('a call that one server does not answer is answered by another and cancelled at the first', async () => {
  const [hung, well] = [serverOf(undefined), serverOf('well')];
  await using a = await serve([hung.controller]);
  await using b = await serve([well.controller]);
  using client = connectTo([...a.endpoints, ...b.endpoints], {
    balancer: { pick: ([first]) => first },
  });
  await client.connect();
  await eventually(() =>
    expect(Object.values(client.stats().endpoints).map(({ state }) => state)).toEqual([
      'alive',
      'alive',
    ]),
  );
  for (let n = 0; n < 4; n++) {
    expect(await firstValueFrom(client.send('who', hedged(20, 1)))).toBe('well');
  }
  await eventually(() => expect(hung.seen).toEqual({ calls: 4, aborted: 4 }));
  expect(client.stats()).toMatchObject({ pending: 0, hedges: { sent: 4, won: 4 } });
});

test('a non-idempotent call cannot be hedged, and the error says so', async () => {
  const well = serverOf('well');
  await using a = await serve([well.controller]);
  using client = connectTo(a.endpoints, { idempotent: false });
  await expect(firstValueFrom(client.send('who', hedged(0, Infinity)))).rejects.toMatchObject({
    code: 'BAD_OPTIONS',
  });
  await expect(firstValueFrom(client.emit('who', hedged(0, 1)))).rejects.toMatchObject({
    code: 'BAD_OPTIONS',
  });
  expect(well.seen.calls).toBe(0);
});
