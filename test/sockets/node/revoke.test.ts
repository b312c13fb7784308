import { describe, expect, test } from 'vitest';
import { sodiumCrypto } from '../../../lib/sockets/node/sodium.js';
import { decodeZ85 } from '../../../lib/security/z85.js';
import { curveClient } from '../../../lib/zmtp/curve/curve-client.js';
import { plainClient } from '../../../lib/zmtp/plain-client.js';
import { eventually } from '../../support/eventually.js';
import { serve } from '../../support/nest.js';
import { curveServer, keys } from '../../support/security.js';
import { SteppedClient } from '../../support/stepped-client.js';

const crypto = await sodiumCrypto();
const bytesOf = (key: string) => decodeZ85(key) ?? Buffer.alloc(0);

const ofAlice = () =>
  curveClient({
    socketType: 'DEALER',
    routingId: Buffer.alloc(0),
    publicKey: bytesOf(keys.alice.publicKey),
    secretKey: bytesOf(keys.alice.secretKey),
    serverKey: bytesOf(keys.server.publicKey),
    crypto,
  });

/** A greeting, HELLO and INITIATE. */
const STEPS = 3;

describe('a client of CURVE whose key is revoked', () => {
  test.each([
    ['has said nothing yet', 0],
    ['has sent its greeting', 1],
    ['has sent HELLO, and has the cookie', 2],
  ])('while it %s is refused when it shows it', async (_, before) => {
    await using server = await serve([], {
      engine: 'node',
      security: curveServer([keys.alice.publicKey]),
    });
    using client = new SteppedClient(server.endpoints[0] ?? '', ofAlice());
    await client.connected();
    for (let step = 0; step < before; step++) await client.step();
    server.strategy.revoke(keys.alice.publicKey);
    for (let step = before; step < STEPS; step++) await client.step();
    await eventually(() => expect(client.failure).toBe('refused'));
    await eventually(() => expect(client.isEnded).toBe(true));
    expect(server.strategy.unwrap<Set<unknown>>().size).toBe(0);
  });

  test('and authorized again before it shows the key is admitted', async () => {
    await using server = await serve([], {
      engine: 'node',
      security: curveServer([keys.alice.publicKey]),
    });
    using client = new SteppedClient(server.endpoints[0] ?? '', ofAlice());
    await client.connected();
    await client.step();
    server.strategy.revoke(keys.alice.publicKey);
    await client.step();
    server.strategy.authorize(keys.alice.publicKey);
    await client.step();
    await eventually(() => expect(client.session.state).toBe('ready'));
  });
});

describe('a client of PLAIN whose name is revoked', () => {
  test('between its password and its INITIATE loses its connection at once', async () => {
    await using server = await serve([], {
      engine: 'node',
      security: { mechanism: 'plain', authorizedUsers: () => true },
    });
    const mechanism = plainClient({ socketType: 'DEALER', username: 'alice', password: 'hers' });
    using client = new SteppedClient(server.endpoints[0] ?? '', mechanism);
    await client.connected();
    await client.step();
    await client.step();
    // WELCOME has come.
    await eventually(() => expect(client.session.outputBytes).toBeGreaterThan(0));
    server.strategy.revoke('alice');
    await client.step();
    await eventually(() => expect(client.isEnded).toBe(true));
    expect(client.session.state).toBe('handshake');
    expect(server.strategy.unwrap<Set<unknown>>().size).toBe(0);
  });
});
