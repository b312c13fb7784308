import { Controller } from '@nestjs/common';
import { Ctx, MessagePattern, Payload } from '@nestjs/microservices';
import { FreelanceContext, type FreelancePeer } from 'nestjs-freelance';
import { firstValueFrom, lastValueFrom, range, toArray } from 'rxjs';
import { describe, expect, test } from 'vitest';
import { makeCertificate, makeRevocationList, daysFromNow } from '../support/certificates.js';
import { eventually } from '../support/eventually.js';
import { connectTo, serve } from '../support/nest.js';
import { WhoController } from '../support/security.js';
import { tapped } from '../support/tap.js';
import { pki, tlsClient, tlsServer } from '../support/tls.js';

const { ca, alice, mallory } = pki;
const MEGABYTE = 1024 * 1024;

const peers: (FreelancePeer | undefined)[] = [];

@Controller()
class WorkController {
  @MessagePattern('count')
  count(@Payload() until: number, @Ctx() ctx: FreelanceContext) {
    peers.push(ctx.getPeer());
    return range(0, until);
  }

  @MessagePattern('echo')
  echo(@Payload() data: unknown) {
    return data;
  }
}

const ALICE = {
  userId: alice.fingerprint256,
  address: '127.0.0.1',
  certificate: {
    fingerprint256: alice.fingerprint256,
    subject: { CN: 'alice' },
    issuer: { CN: 'The authority' },
    subjectAltNames: ['URI:spiffe://example/alice'],
    serialNumber: expect.stringMatching(/^[\dA-F]+$/u),
    validFrom: expect.stringMatching(/^\d{4}-\d\d-\d\dT.*Z$/u),
    validTo: expect.stringMatching(/^\d{4}-\d\d-\d\dT.*Z$/u),
  },
};

test('a handler knows the certificate and address of its caller', async () => {
  await using served = await serve([WhoController], tlsServer('any'));
  using client = connectTo(served.endpoints, tlsClient(alice));
  expect(served.endpoints[0]).toMatch(/^tls:\/\/127\.0\.0\.1:\d+$/u);
  expect(await firstValueFrom(client.send('who', {}))).toEqual(ALICE);
});

test('a handler cannot change the certificate that it gets', async () => {
  await using served = await serve([WorkController], tlsServer('any'));
  using client = connectTo(served.endpoints, tlsClient(alice));
  await lastValueFrom(client.send('count', 1));
  const { certificate } = peers.at(-1) ?? {};
  for (const part of [peers.at(-1), certificate, certificate?.subject, certificate?.issuer]) {
    expect(Object.isFrozen(part)).toBe(true);
  }
  expect(Object.isFrozen(certificate?.subjectAltNames)).toBe(true);
});

test('streams and large messages arrive complete', async () => {
  await using served = await serve([WorkController], tlsServer('any'));
  using client = connectTo(served.endpoints, { ...tlsClient(alice), requestTimeout: 60_000 });
  const values = await lastValueFrom(client.send<number>('count', 5000).pipe(toArray()));
  expect(values).toEqual(Array.from({ length: 5000 }, (_, value) => value));
  const large = Buffer.alloc(5 * MEGABYTE, 'a large message');
  const echoed = await Promise.all(
    [1, 2, 3].map(() => firstValueFrom(client.send<Buffer>('echo', large))),
  );
  for (const echo of echoed) expect(large.equals(echo)).toBe(true);
});

test('an eavesdropper on the network cannot read a call', async () => {
  await using served = await serve([WorkController], tlsServer('any'));
  using tap = await tapped(served.endpoints[0] ?? '');
  using client = connectTo([tap.endpoint.replace('tcp:', 'tls:')], tlsClient(alice));
  expect(await firstValueFrom(client.send('echo', { pin: 'very secret' }))).toBeDefined();
  expect(tap.wire().length).toBeGreaterThan(1000);
  for (const word of ['very secret', 'REQUEST', 'echo', 'READY', 'alice']) {
    expect(tap.wire()).not.toContain(word);
  }
});

describe('admits', () => {
  test("everybody if the server asks for no certificates: 'any', without ca", async () => {
    await using served = await serve([WhoController], tlsServer('any', { ca: undefined }));
    using nobody = connectTo(served.endpoints, tlsClient());
    expect(await firstValueFrom(nobody.send('who', {}))).toEqual({});
    // A certificate is shown only if the server asks for it.
    using client = connectTo(served.endpoints, tlsClient(alice));
    expect(await firstValueFrom(client.send('who', {}))).toEqual({});
  });

  test('at most maxConnections if everybody may connect, since nobody has a budget of their own', async () => {
    const options = { ...tlsServer('any', { ca: undefined }), maxConnections: 1 };
    await using served = await serve([WhoController], options);
    using first = connectTo(served.endpoints, tlsClient());
    expect(await firstValueFrom(first.send('who', {}))).toEqual({});
    using second = connectTo(served.endpoints, { ...tlsClient(), reconnectInterval: 10 });
    const call = firstValueFrom(second.send('who', {}));
    await eventually(() =>
      expect(second.stats().endpoints[served.endpoints[0] ?? '']?.state).toBe('dead'),
    );
    first.close();
    expect(await call).toEqual({});
  });

  test('certificates in the list, and no others of the authority', async () => {
    await using served = await serve([WhoController], tlsServer([alice.fingerprint256]));
    using client = connectTo(served.endpoints, tlsClient(alice));
    expect(await firstValueFrom(client.send('who', {}))).toEqual(ALICE);
    using other = connectTo(served.endpoints, { ...tlsClient(mallory), connectTimeout: 60_000 });
    const error: unknown = await firstValueFrom(other.send('who', {})).catch((e: unknown) => e);
    expect(error).toMatchObject({ name: 'FreelanceError', code: 'UNAUTHORIZED' });
    expect((error as Error).message).toContain(
      `it does not authorize this client, whose certificate has the fingerprint ${mallory.fingerprint256}`,
    );
    expect((error as Error).message).toContain('authorizedClients');
    expect(served.strategy.stats()).toMatchObject({ accepted: 1 });
    expect(served.strategy.stats().unauthorized).toBeGreaterThan(0);
  });

  const refusals = async (options: ReturnType<typeof tlsServer>, own?: typeof alice) => {
    await using served = await serve([WhoController], options);
    using client = connectTo(served.endpoints, { ...tlsClient(own), connectTimeout: 60_000 });
    const error: unknown = await firstValueFrom(client.send('who', {})).catch((e: unknown) => e);
    expect(served.strategy.stats()).toMatchObject({ accepted: 0 });
    expect(served.strategy.stats().unauthorized).toBeGreaterThan(0);
    expect(error).toMatchObject({ code: 'UNAUTHORIZED' });
    return (error as Error).message;
  };

  test('nobody without a certificate if one is required', async () => {
    expect(await refusals(tlsServer('any'))).toContain('which shows no certificate');
  });

  test('nobody of another authority with the same name', async () => {
    const by = makeCertificate({ cn: 'The authority' });
    const forged = makeCertificate({ cn: 'alice', by });
    expect(await refusals(tlsServer('any'), forged)).toContain(forged.fingerprint256);
    expect(await refusals(tlsServer([forged.fingerprint256]), forged)).toContain('not authorize');
    expect(
      await refusals(
        tlsServer(() => true),
        forged,
      ),
    ).toContain('not authorize');
  });

  test('nobody whose certificate has expired or is not valid yet', async () => {
    const old = makeCertificate({ cn: 'old', by: ca, to: daysFromNow(-0.5) });
    expect(await refusals(tlsServer('any'), old)).toMatch(/and which expired at 20\d\d-/u);
    const young = makeCertificate({ cn: 'young', by: ca, from: daysFromNow(0.5) });
    expect(await refusals(tlsServer('any'), young)).toMatch(
      /and which is not valid before 20\d\d-/u,
    );
  });

  test('nobody whose certificate the authority has revoked', async () => {
    const crl = makeRevocationList(ca, [mallory]);
    expect(await refusals(tlsServer('any', { crl }), mallory)).toContain('not authorize');
    await using served = await serve([WhoController], tlsServer('any', { crl }));
    using client = connectTo(served.endpoints, tlsClient(alice));
    expect(await firstValueFrom(client.send('who', {}))).toEqual(ALICE);
  });

  test('certificates in the list, whoever issued them, if there is no ca', async () => {
    const own = makeCertificate({ cn: 'self' });
    const twin = makeCertificate({ cn: 'self' });
    const old = makeCertificate({ cn: 'self', to: daysFromNow(-0.5) });
    const listed = [own.fingerprint256, old.fingerprint256];
    await using served = await serve([WhoController], tlsServer(listed, { ca: undefined }));
    using client = connectTo(served.endpoints, tlsClient(own));
    expect(await firstValueFrom(client.send('who', {}))).toMatchObject({
      userId: own.fingerprint256,
    });
    expect(await refusals(tlsServer(listed, { ca: undefined }), twin)).toContain('not authorize');
    expect(await refusals(tlsServer(listed, { ca: undefined }), old)).toContain('which expired at');
  });

  test('certificates that a function accepts', async () => {
    const asked: unknown[] = [];
    const options = tlsServer((certificate, address) => {
      asked.push([certificate, address]);
      return Promise.resolve(certificate.subject.CN === 'alice');
    });
    await using served = await serve([WhoController], options);
    using client = connectTo(served.endpoints, tlsClient(alice));
    expect(await firstValueFrom(client.send('who', {}))).toEqual(ALICE);
    expect(asked).toEqual([[ALICE.certificate, '127.0.0.1']]);
    expect(await refusals(options, mallory)).toContain(mallory.fingerprint256);
  });

  test.each([
    ['throws', () => Promise.reject(new Error('the database is down')), 1000],
    ['never settles', () => new Promise<boolean>(() => {}), 8000],
  ])('nobody for now if the function %s', async (_, careless, connectTimeout) => {
    await using served = await serve([WhoController], tlsServer(careless));
    using client = connectTo(served.endpoints, {
      ...tlsClient(alice),
      // Longer than the function may take.
      heartbeatTimeout: 60_000,
      connectTimeout,
    });
    await eventually(() =>
      expect(firstValueFrom(client.send('who', {}))).rejects.toThrow(
        'it could not check whether this client is authorized; its log may say why',
      ),
    );
  });
});
