import { Controller } from '@nestjs/common';
import { Ctx, MessagePattern } from '@nestjs/microservices';
import { FreelanceContext } from 'nestjs-freelance';
import { firstValueFrom, NEVER } from 'rxjs';
import { beforeEach, describe, expect, test } from 'vitest';
import { makeCertificate } from '../support/certificates.js';
import { eventually } from '../support/eventually.js';
import { connectTo, serve } from '../support/nest.js';
import { pki, tlsClient, tlsServer } from '../support/tls.js';

const { ca, alice, mallory } = pki;
const bob = makeCertificate({ cn: 'bob', by: ca });

const seen = { running: 0, aborted: 0 };

beforeEach(() => Object.assign(seen, { running: 0, aborted: 0 }));

@Controller()
class LongController {
  @MessagePattern('long')
  long(@Ctx() ctx: FreelanceContext) {
    seen.running++;
    ctx.signal.addEventListener('abort', () => seen.aborted++);
    return NEVER;
  }

  @MessagePattern('who')
  who(@Ctx() ctx: FreelanceContext) {
    return ctx.getPeer()?.certificate?.subject.CN ?? 'nobody';
  }
}

const unauthorized = expect.objectContaining({ code: 'UNAUTHORIZED' }) as Error;

describe('a revoked certificate', () => {
  test('of a connected client: its calls stop in the same turn, and it cannot reconnect', async () => {
    const options = tlsServer([alice.fingerprint256, bob.fingerprint256]);
    await using served = await serve([LongController], options);
    using hers = connectTo(served.endpoints, tlsClient(alice));
    using his = connectTo(served.endpoints, tlsClient(bob));
    const long = firstValueFrom(hers.send('long', {})).catch((error: unknown) => error);
    const other = firstValueFrom(his.send('long', {})).catch((error: unknown) => error);
    await eventually(() => expect(seen.running).toBe(2));
    served.strategy.revoke(alice.fingerprint256.toLowerCase().replaceAll(':', ''));
    expect(seen.aborted).toBe(1);
    expect(await long).toEqual(unauthorized);
    await expect(firstValueFrom(hers.send('who', {}))).rejects.toEqual(unauthorized);
    expect(await firstValueFrom(his.send('who', {}))).toBe('bob');
    expect(seen.aborted).toBe(1);
    his.close();
    await other;
  });

  test('may be authorized again', async () => {
    await using served = await serve([LongController], tlsServer('any'));
    using client = connectTo(served.endpoints, { ...tlsClient(alice), reconnectInterval: 10 });
    expect(await firstValueFrom(client.send('who', {}))).toBe('alice');
    served.strategy.revoke(alice.fingerprint256);
    await expect(firstValueFrom(client.send('who', {}))).rejects.toEqual(unauthorized);
    served.strategy.authorize(alice.fingerprint256);
    await eventually(async () =>
      expect(await firstValueFrom(client.send('who', {}))).toBe('alice'),
    );
  });

  test('is refused at once while a function still decides about it', async () => {
    let answer: (isAdmitted: boolean) => void = () => {};
    let asked = 0;
    const judge = () => {
      asked++;
      return new Promise<boolean>((resolve) => (answer = resolve));
    };
    await using served = await serve([LongController], tlsServer(judge));
    using client = connectTo(served.endpoints, { ...tlsClient(alice), connectTimeout: 60_000 });
    const call = firstValueFrom(client.send('who', {})).catch((error: unknown) => error);
    await eventually(() => expect(asked).toBe(1));
    served.strategy.revoke(alice.fingerprint256);
    expect(await call).toEqual(unauthorized);
    answer(true);
    await expect(firstValueFrom(client.send('who', {}))).rejects.toEqual(unauthorized);
    expect(served.strategy.stats().accepted).toBe(0);
  });

  test('stays revoked when the server closes and listens again', async () => {
    await using served = await serve([LongController], tlsServer('any'));
    served.strategy.revoke(alice.fingerprint256);
    await served.strategy.close();
    await new Promise<void>((resolve) => served.strategy.listen(() => resolve()));
    using client = connectTo(served.strategy.endpoints, tlsClient(alice));
    await expect(firstValueFrom(client.send('who', {}))).rejects.toEqual(unauthorized);
  });
});

describe('an authorized certificate', () => {
  test('is admitted at run time without asking a function', async () => {
    await using served = await serve(
      [LongController],
      tlsServer(() => false),
    );
    served.strategy.authorize(alice.fingerprint256);
    using client = connectTo(served.endpoints, tlsClient(alice));
    expect(await firstValueFrom(client.send('who', {}))).toBe('alice');
    using other = connectTo(served.endpoints, tlsClient(mallory));
    await expect(firstValueFrom(other.send('who', {}))).rejects.toEqual(unauthorized);
  });

  test('must still be issued by an authority in ca', async () => {
    const forged = makeCertificate({ cn: 'alice', by: makeCertificate({ cn: 'The authority' }) });
    await using served = await serve([LongController], tlsServer('any'));
    served.strategy.authorize(forged.fingerprint256);
    using client = connectTo(served.endpoints, tlsClient(forged));
    await expect(firstValueFrom(client.send('who', {}))).rejects.toEqual(unauthorized);
  });
});
