import { describe, expect, it } from 'vitest';
import { CookieJar } from '../../../lib/zmtp/curve/cookie-jar.js';
import type { CurveCrypto } from '../../../lib/zmtp/curve-crypto.js';
import {
  aClient,
  aServer,
  cipherOf,
  clientPair,
  type CommandName,
  COMMANDS,
  crypto,
  Handshake,
  serverPair,
} from './fixtures.js';

/** Notes all that nobody else may know: 32 random bytes are a key, and so is half of what is in a cookie. */
function watched(): { crypto: CurveCrypto; left: () => number } {
  const secrets: Uint8Array[] = [];
  const noted = <T extends Uint8Array | undefined>(secret: T): T => {
    if (secret) secrets.push(secret);
    return secret;
  };
  return {
    crypto: {
      ...crypto,
      randomBytes: (length) => {
        const bytes = crypto.randomBytes(length);
        return length === 32 ? noted(bytes) : bytes;
      },
      sharedKey: (theirs, own) => noted(crypto.sharedKey(theirs, own)),
      seal: (message, nonce, key) => {
        if (isOfCookie(nonce)) noted(message.subarray(32));
        return crypto.seal(message, nonce, key);
      },
      open: (box, nonce, key) => {
        const content = crypto.open(box, nonce, key);
        return isOfCookie(nonce) ? noted(content?.subarray(32)) && content : content;
      },
    },
    left: () => secrets.filter((secret) => secret.some((byte) => byte !== 0)).length,
  };
}

function aWatchedHandshake() {
  const [client, server] = [watched(), watched()];
  const cookies = new CookieJar(server.crypto, () => 0);
  const handshake = new Handshake(
    aClient({ crypto: client.crypto }),
    aServer({ crypto: server.crypto, cookies }),
  );
  return { handshake, left: () => [client.left(), server.left()] };
}

const isOfCookie = (nonce: Uint8Array) =>
  Buffer.from(nonce).subarray(0, 8).equals(Buffer.from('COOKIE--'));

/** What has to be remembered while a command is on its way. */
const NEEDED: Record<CommandName, readonly [client: number, server: number]> = {
  // c', and what C' and S share.
  HELLO: [2, 0],
  // The key of the cookie, which holds the rest.
  WELCOME: [2, 1],
  // What C' and S' share.
  INITIATE: [1, 1],
  READY: [1, 1],
};

describe('the secrets of a handshake', () => {
  it.each(COMMANDS)('are no more than are needed, while %s is on its way', (name) => {
    const { handshake, left } = aWatchedHandshake();
    handshake.upTo(name);
    expect(left()).toEqual(NEEDED[name]);
  });

  it.each(COMMANDS)('are wiped when it ends while %s is on its way', (name) => {
    const { handshake, left } = aWatchedHandshake();
    handshake.upTo(name);
    handshake.client.dispose();
    handshake.server.dispose();
    expect(left()).toEqual([0, 0]);
  });

  it.each(COMMANDS)('are wiped by the side that hears something else than %s', (name) => {
    const { handshake, left } = aWatchedHandshake();
    handshake.upTo(name);
    const changed = Buffer.from(handshake.command);
    changed[changed.length - 1] = (changed.at(-1) ?? 0) ^ 1;
    handshake.deliver(changed);
    expect(left()[handshake.receiver === handshake.client ? 0 : 1]).toBe(0);
  });

  it('are wiped after it, but for the one key of the connection; with its end that, too', () => {
    const { handshake, left } = aWatchedHandshake();
    handshake.done();
    expect(left()).toEqual([1, 1]);
    for (const side of [handshake.client, handshake.server]) {
      side.dispose();
      side.dispose();
    }
    expect(left()).toEqual([0, 0]);
  });

  it.each(['refused', 'failed'] as const)('are wiped when a client is %s', (verdict) => {
    const { handshake, left } = aWatchedHandshake();
    handshake.upTo('INITIATE');
    expect(handshake.server.receive(handshake.command).outcome.type).toBe('ask');
    expect(handshake.server.decide(verdict).outcome.type).toBe('failed');
    expect(left()[1]).toBe(0);
    // Who thinks again has no say.
    expect(handshake.server.decide('admitted').outcome.type).toBe('failed');
    expect(handshake.server.cipher).toBeUndefined();
  });

  it('do not include the long-term keys, which serve other connections, too', () => {
    const before = [clientPair, serverPair].map(({ secretKey }) => Buffer.from(secretKey));
    const { client, server } = new Handshake().done();
    client.dispose();
    server.dispose();
    expect([clientPair, serverPair].map(({ secretKey }) => Buffer.from(secretKey))).toEqual(before);
  });

  it('encrypt nothing once they are gone', () => {
    const { client } = new Handshake().done();
    const cipher = cipherOf(client);
    client.dispose();
    expect(cipher.seal(0, Buffer.from('late'))).toMatchObject({ code: 'exhausted' });
    expect(cipher.open(Buffer.alloc(50))).toMatchObject({ code: 'exhausted' });
  });
});

describe('a mechanism that has ended', () => {
  it.each(COMMANDS)('does not begin again, nor go on: with %s', (name) => {
    const { client, server, command } = new Handshake().upTo(name);
    for (const side of [client, server]) {
      side.dispose();
      for (const step of [side.start(), side.receive(command), side.decide('admitted')]) {
        expect(step).toMatchObject({ send: [], outcome: { type: 'failed' } });
      }
    }
  });
});
