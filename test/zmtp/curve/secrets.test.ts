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

/** Records every secret: 32 random bytes are a key, and so is half of a cookie's content. */
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

/** The secrets that must exist while a command is in transit. */
const NEEDED: Record<CommandName, readonly [client: number, server: number]> = {
  // c', and the key that C' and S share.
  HELLO: [2, 0],
  // The key of the cookie, which holds the rest.
  WELCOME: [2, 1],
  // The key that C' and S' share.
  INITIATE: [1, 1],
  READY: [1, 1],
};

describe('the secrets of a handshake', () => {
  it.each(COMMANDS)('are no more than needed while %s is in transit', (name) => {
    const { handshake, left } = aWatchedHandshake();
    handshake.upTo(name);
    expect(left()).toEqual(NEEDED[name]);
  });

  it.each(COMMANDS)('are wiped when it ends while %s is in transit', (name) => {
    const { handshake, left } = aWatchedHandshake();
    handshake.upTo(name);
    handshake.client.dispose();
    handshake.server.dispose();
    expect(left()).toEqual([0, 0]);
  });

  it.each(COMMANDS)('are wiped by a side that receives anything but %s', (name) => {
    const { handshake, left } = aWatchedHandshake();
    handshake.upTo(name);
    const changed = Buffer.from(handshake.command);
    changed[changed.length - 1] = (changed.at(-1) ?? 0) ^ 1;
    handshake.deliver(changed);
    expect(left()[handshake.receiver === handshake.client ? 0 : 1]).toBe(0);
  });

  it('are wiped after it, except for the key of the connection, which is wiped when the connection ends', () => {
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
    // A second verdict has no effect.
    expect(handshake.server.decide('admitted').outcome.type).toBe('failed');
    expect(handshake.server.cipher).toBeUndefined();
  });

  it('do not include the long-term keys, which other connections use, too', () => {
    const before = [clientPair, serverPair].map(({ secretKey }) => Buffer.from(secretKey));
    const { client, server } = new Handshake().done();
    client.dispose();
    server.dispose();
    expect([clientPair, serverPair].map(({ secretKey }) => Buffer.from(secretKey))).toEqual(before);
  });

  it('encrypt nothing once they are wiped', () => {
    const { client } = new Handshake().done();
    const cipher = cipherOf(client);
    client.dispose();
    expect(cipher.seal(0, Buffer.from('late'))).toMatchObject({ code: 'exhausted' });
    expect(cipher.open(Buffer.alloc(50))).toMatchObject({ code: 'exhausted' });
  });
});

describe('a mechanism that has ended', () => {
  it.each(COMMANDS)('neither restarts nor continues on %s', (name) => {
    const { client, server, command } = new Handshake().upTo(name);
    for (const side of [client, server]) {
      side.dispose();
      for (const step of [side.start(), side.receive(command), side.decide('admitted')]) {
        expect(step).toMatchObject({ send: [], outcome: { type: 'failed' } });
      }
    }
  });
});
