import { createHash } from 'node:crypto';
import { sodiumCrypto } from '../../../lib/sockets/node/sodium.js';
import type { CurveCrypto } from '../../../lib/zmtp/curve-crypto.js';
import { CookieJar } from '../../../lib/zmtp/curve/cookie-jar.js';
import { curveClient, type CurveClientOptions } from '../../../lib/zmtp/curve/curve-client.js';
import { curveServer, type CurveServerOptions } from '../../../lib/zmtp/curve/curve-server.js';
import { freshKeyPair } from '../../../lib/zmtp/curve/key-pair.js';
import type { HandshakeStep, Mechanism } from '../../../lib/zmtp/mechanism.js';

export const crypto = await sodiumCrypto();

export const [serverPair, clientPair, otherPair] = [
  freshKeyPair(crypto),
  freshKeyPair(crypto),
  freshKeyPair(crypto),
];

/** Chance that is the same in every run: keys, nonces and cookies can be foretold. */
export function foretold(seed: string): CurveCrypto {
  let count = 0;
  const randomBytes = (length: number) =>
    createHash('shake256', { outputLength: length }).update(`${seed} ${count++}`).digest();
  return { ...crypto, randomBytes };
}

export function aClient(options: Partial<CurveClientOptions> = {}): Mechanism {
  return curveClient({
    socketType: 'DEALER',
    routingId: Buffer.from('client-1'),
    ...clientPair,
    serverKey: serverPair.publicKey,
    crypto,
    ...options,
  });
}

export function aServer(options: Partial<CurveServerOptions> = {}): Mechanism {
  return curveServer({
    socketType: 'ROUTER',
    ...serverPair,
    cookies: new CookieJar(options.crypto ?? crypto, () => 0),
    crypto,
    ...options,
  });
}

/** The one command of a step. */
export function only({ send }: HandshakeStep): Buffer {
  const [command, ...more] = send;
  if (!command || more.length > 0) throw new Error(`${send.length} commands, where 1 was due`);
  return command;
}
