import { type FreelanceEngine, generateCurveKeyPair } from 'nestjs-freelance';
import { firstValueFrom } from 'rxjs';
import { describe, expect, test } from 'vitest';
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
import { tapped } from '../support/tap.js';

const { alice } = keys;
const mallory = generateCurveKeyPair();

const ALICE = { publicKey: alice.publicKey, userId: alice.publicKey, address: '127.0.0.1' };

const serveAlice = (engine?: FreelanceEngine) =>
  serve([WhoController], { engine, security: curveServer([alice.publicKey]) });

describe('with CURVE', () => {
  test('a handler knows the key and address of its caller', async () => {
    await using served = await serveAlice();
    using client = connectTo(served.endpoints, { security: curveClient(alice) });
    expect(await firstValueFrom(client.send('who', {}))).toEqual(ALICE);
  });

  test('an eavesdropper on the network cannot read a call', async () => {
    await using served = await serveAlice();
    using tap = await tapped(served.endpoints[0] ?? '');
    using client = connectTo([tap.endpoint], { security: curveClient(alice) });
    expect(await firstValueFrom(client.send('who', { pin: 'very secret' }))).toEqual(ALICE);
    expect(tap.wire()).toContain('CURVE');
    expect(tap.wire()).not.toContain('very secret');
    expect(tap.wire()).not.toContain('REQUEST');
    // Nor the routing id, with which one could impersonate the client.
    expect(tap.wire()).not.toContain('FL1C');
  });

  test('an unauthorized client is told at once, with advice', async () => {
    await using served = await serveAlice();
    using client = connectTo(served.endpoints, {
      security: curveClient(mallory),
      connectTimeout: 60_000,
    });
    const error: unknown = await firstValueFrom(client.send('who', {})).catch((e: unknown) => e);
    expect(error).toMatchObject({ name: 'FreelanceError', code: 'UNAUTHORIZED' });
    const { message } = error as Error;
    expect(message).toContain(served.endpoints[0]);
    expect(message).toContain(
      `it does not authorize this client, whose public key is ${mallory.publicKey}`,
    );
    expect(message).toContain('authorizedClients');
    expect(served.strategy.stats().unauthorized).toBeGreaterThan(0);
    expect(served.strategy.stats().accepted).toBe(0);
    // The next call does not wait either, nor does one with a deadline, which starts without a connection.
    await expect(client.connect()).rejects.toMatchObject({ code: 'UNAUTHORIZED' });
    await expect(firstValueFrom(client.emit('who', {}))).rejects.toMatchObject({
      code: 'UNAUTHORIZED',
    });
  });

  test('a waiting call fails as soon as the last server has refused the client', async () => {
    await using served = await serveAlice();
    using client = connectTo(served.endpoints, {
      security: curveClient(mallory),
      connectTimeout: 60_000,
      timeout: 60_000,
    });
    await expect(firstValueFrom(client.send('who', {}))).rejects.toMatchObject({
      code: 'UNAUTHORIZED',
    });
  });

  test('calls go to another server that admits the client', async () => {
    await using closed = await serve([WhoController], { security: curveServer([]) });
    await using open = await serveAlice();
    using client = connectTo([...closed.endpoints, ...open.endpoints], {
      security: curveClient(alice),
    });
    for (let call = 0; call < 10; call++) {
      expect(await firstValueFrom(client.send('who', {}))).toEqual(ALICE);
    }
    await eventually(() =>
      expect(client.stats().endpoints[closed.endpoints[0] ?? '']?.state).toBe('dead'),
    );
  });

  test('a server that admits everybody still knows their keys', async () => {
    await using served = await serve([WhoController], { security: curveServer('any') });
    using client = connectTo(served.endpoints, { security: curveClient(mallory) });
    expect(await firstValueFrom(client.send('who', {}))).toMatchObject({
      publicKey: mallory.publicKey,
    });
  });

  test('a server without security has no peer identity', async () => {
    await using served = await serve([WhoController]);
    using client = connectTo(served.endpoints);
    expect(await firstValueFrom(client.send('who', {}))).toBe('nobody asked for credentials');
  });
});

describe('where client and server disagree', () => {
  /** On a busy machine the client may learn the reason only at its second attempt. */
  const short = { connectTimeout: 1000 };

  test('a client without security is told that the server may require it', async () => {
    await using served = await serveAlice();
    using client = connectTo(served.endpoints, short);
    await eventually(() =>
      expect(firstValueFrom(client.send('who', {}))).rejects.toThrow(
        /it may demand security, and this client has none|it has other security than this client, which has none/,
      ),
    );
    expect(served.strategy.stats().accepted).toBe(0);
  });

  test("a client with another server's key is told that the key may be wrong", async () => {
    await using served = await serveAlice();
    using client = connectTo(served.endpoints, {
      security: curveClient(alice, mallory.publicKey),
      ...short,
    });
    await eventually(() =>
      expect(firstValueFrom(client.send('who', {}))).rejects.toThrow(
        /its public key may be another than serverKey says.*Check that servers listen there, with the security/,
      ),
    );
  });

  test('a client with CURVE rejects a server without', async () => {
    await using served = await serve([WhoController]);
    using client = connectTo(served.endpoints, { security: curveClient(alice), ...short });
    // libzmq closes the connection of a `node` client before it has sent its own mechanism.
    await eventually(() =>
      expect(firstValueFrom(client.send('who', {}))).rejects.toThrow(
        /it has other security than this client, which has CURVE|it may not have CURVE/,
      ),
    );
  });

  test('a client with CURVE rejects a server with PLAIN', async () => {
    await using served = await serve([WhoController], {
      security: { mechanism: 'plain', authorizedUsers: { alice: 'secret' } },
    });
    using client = connectTo(served.endpoints, { security: curveClient(alice), ...short });
    await eventually(() =>
      expect(firstValueFrom(client.send('who', {}))).rejects.toThrow(
        /it may not have CURVE|it has other security than this client, which has CURVE/,
      ),
    );
    expect(served.strategy.stats().accepted).toBe(0);
  });
});

describe('with libzmq at the server, the identity that a client claims', () => {
  const engine = 'libzmq';

  const denied = async (client: RawClient) => {
    await client.ask('who');
    await eventually(() => expect(client.heard).toContain('DENIED'));
  };

  test('can be claimed without this library', async () => {
    await using served = await serveAlice(engine);
    const options = { ...curveOptions(alice), routingId: sealOf(alice) };
    using client = new RawClient(served.endpoints[0] ?? '', options);
    await client.ask('who');
    await eventually(() => expect(client.heard).toEqual([`REPLY 1 ${JSON.stringify(ALICE)}`]));
  });

  test("is rejected without the client's secret", async () => {
    const bob = generateCurveKeyPair();
    const security = curveServer([alice.publicKey, bob.publicKey]);
    await using served = await serve([WhoController], { engine, security });
    // The real client has connected before, so the server knows it.
    using client = connectTo(served.endpoints, { security: curveClient(alice) });
    expect(await firstValueFrom(client.send('who', {}))).toEqual(ALICE);
    const forged = { ...curveOptions(bob), routingId: sealOf(bob, alice.publicKey) };
    using raw = new RawClient(served.endpoints[0] ?? '', forged);
    await denied(raw);
    expect(served.strategy.stats()).toMatchObject({
      accepted: 1,
      dropped: { 'unknown-sender': 1 },
    });
  });

  test('is rejected for a key that was never admitted, even by its owner', async () => {
    await using served = await serveAlice(engine);
    const other = { ...curveOptions(alice), routingId: sealOf(mallory) };
    using raw = new RawClient(served.endpoints[0] ?? '', other);
    await denied(raw);
    expect(served.strategy.stats().accepted).toBe(0);
  });

  test('is required unless the server admits anonymous clients', async () => {
    await using strict = await serveAlice(engine);
    using unknown = new RawClient(strict.endpoints[0] ?? '', curveOptions(alice));
    await denied(unknown);
    const security = curveServer([alice.publicKey], { allowAnonymous: true });
    await using served = await serve([WhoController], { engine, security });
    using client = new RawClient(served.endpoints[0] ?? '', curveOptions(alice));
    await client.ask('who');
    await eventually(() => expect(client.heard).toEqual(['REPLY 1 {}']));
  });

  test("cannot be taken over by another client's routing id", async () => {
    await using served = await serveAlice(engine);
    const routingId = sealOf(alice);
    const options = { ...curveOptions(alice), routingId };
    using first = new RawClient(served.endpoints[0] ?? '', options);
    await first.ask('who');
    await eventually(() => expect(first.heard).toHaveLength(1));
    using second = new RawClient(served.endpoints[0] ?? '', options);
    await eventually(() => expect(second.happened).toContain('handshake'));
    await second.ask('who');
    await first.ask('who');
    await eventually(() => expect(first.heard).toHaveLength(2));
    expect(second.heard).toEqual([]);
  });
});
