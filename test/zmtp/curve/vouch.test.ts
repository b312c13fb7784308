import { describe, expect, it } from 'vitest';
import { decodeCommand } from '../../../lib/zmtp/command.js';
import { encodeHello } from '../../../lib/zmtp/curve/hello.js';
import { encodeInitiate, encodeVouch, type Vouching } from '../../../lib/zmtp/curve/initiate.js';
import { freshKeyPair } from '../../../lib/zmtp/curve/key-pair.js';
import { FIRST, SECOND } from '../../../lib/zmtp/curve/short-nonces.js';
import { encodeWelcome, openWelcome } from '../../../lib/zmtp/curve/welcome.js';
import type { HandshakeStep } from '../../../lib/zmtp/mechanism.js';
import { encodeMetadata } from '../../../lib/zmtp/metadata.js';
import { isZmtpError } from '../../../lib/zmtp/zmtp-error.js';
import { aClient, aServer, clientPair, crypto, only, otherPair, serverPair } from './fixtures.js';

/** Public keys of order 1, 2, 4 and 8, and their non-canonical forms. Source: libsodium, `has_small_order`. */
const OF_LOW_ORDER = [
  '0000000000000000000000000000000000000000000000000000000000000000',
  '0100000000000000000000000000000000000000000000000000000000000000',
  'e0eb7a7c3b41b8ae1656e3faf19fc46ada098deb9c32b1fd866205165f49b800',
  '5f9c95bca3508c24b1d0b1559c83ef5b04445cc4581c8e86d8224eddd09f1157',
  'ecffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f',
  'edffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f',
  'eeffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f',
].map((hex) => Buffer.from(hex, 'hex'));

function withHighestBit(key: Uint8Array): Buffer {
  const other = Buffer.from(key);
  other[31] = (other[31] ?? 0) | 0x80;
  return other;
}

interface Deviation {
  /** What the client shows as C. */
  readonly shown?: Buffer;
  readonly vouch?: Partial<Vouching>;
  readonly metadata?: Buffer;
  readonly nonces?: readonly [hello: Buffer, initiate: Buffer];
}

/** What a server does with a client that deviates from the protocol in one way. */
function serverMeets({
  shown,
  vouch,
  metadata,
  nonces = [FIRST, SECOND],
}: Deviation): HandshakeStep {
  const server = aServer();
  server.start();
  const own = freshKeyPair(crypto);
  const key = sharedKey(serverPair.publicKey, own.secretKey);
  const hello = server.receive(encodeHello(crypto, own.publicKey, nonces[0], key));
  const command = taken(decodeCommand(only(hello)));
  const welcome = taken(openWelcome(crypto, command.data, key));
  const vouched = taken(
    encodeVouch(crypto, {
      ...clientPair,
      transientKey: own.publicKey,
      serverKey: serverPair.publicKey,
      serverTransientKey: welcome.serverKey,
      ...vouch,
    }),
  );
  if (shown) vouched.set(shown);
  const content = Buffer.concat([vouched, metadata ?? encodeMetadata({ socketType: 'DEALER' })]);
  const sessionKey = sharedKey(welcome.serverKey, own.secretKey);
  return server.receive(encodeInitiate(crypto, welcome.cookie, nonces[1], content, sessionKey));
}

function sharedKey(theirs: Uint8Array, own: Uint8Array): Uint8Array {
  const key = crypto.sharedKey(theirs, own);
  if (!key) throw new Error('a key of low order');
  return key;
}

function taken<T>(value: T): Exclude<T, Error> {
  if (isZmtpError(value)) throw value;
  return value as Exclude<T, Error>;
}

const nonce = (hex: string) => Buffer.from(hex.padStart(16, '0'), 'hex');

describe('a server asks who may connect', () => {
  it('if everything is correct', () => {
    expect(serverMeets({}).outcome).toMatchObject({
      type: 'ask',
      credentials: { publicKey: Buffer.from(clientPair.publicKey) },
    });
  });

  it('whatever the first nonce is, and however much larger the next one is', () => {
    const nonces = [nonce('80000000ffffffff'), nonce('ffffffffffffffff')] as const;
    expect(serverMeets({ nonces }).outcome.type).toBe('ask');
  });
});

describe('a server rejects a client', () => {
  it.each<readonly [why: string, code: string, deviation: Deviation]>([
    ['whose key is not its own', 'forged', { vouch: { publicKey: otherPair.publicKey } }],
    ['whose vouch is for another server', 'forged', { vouch: { serverKey: otherPair.publicKey } }],
    [
      'whose vouch is for another connection',
      'forged',
      { vouch: { transientKey: freshKeyPair(crypto).publicKey } },
    ],
    [
      'whose vouch was sealed for another server',
      'forged',
      { vouch: { serverTransientKey: otherPair.publicKey } },
    ],
    [
      'that shows the highest bit of its key',
      'malformed',
      { shown: withHighestBit(clientPair.publicKey) },
    ],
    ...OF_LOW_ORDER.map(
      (shown) => [`that shows the key ${shown.toString('hex')}`, 'malformed', { shown }] as const,
    ),
    ['whose INITIATE has the nonce of its HELLO', 'forged', { nonces: [SECOND, SECOND] }],
    ['whose INITIATE has a smaller nonce', 'forged', { nonces: [SECOND, FIRST] }],
    [
      'whose INITIATE has a nonce that is smaller in its upper half',
      'forged',
      { nonces: [nonce('200000000'), nonce('1ffffffff')] },
    ],
    ['whose metadata is malformed', 'malformed', { metadata: Buffer.of(1) }],
    ['that is not a DEALER', 'socket-type', { metadata: property('Socket-Type', 'PUB') }],
  ])('%s: %s', (_, code, deviation) => {
    const { send, outcome } = serverMeets(deviation);
    expect(send).toEqual([]);
    expect(outcome).toMatchObject({ type: 'failed', error: { code } });
  });

  it.each(
    [...OF_LOW_ORDER, withHighestBit(clientPair.publicKey)].map((key) => [
      key.toString('hex'),
      key,
    ]),
  )('whose transient key is %s', (_, key) => {
    const server = aServer();
    server.start();
    const hello = encodeHello(crypto, Buffer.from(key), FIRST, Buffer.alloc(32));
    expect(server.receive(hello).outcome).toMatchObject({
      type: 'failed',
      error: { code: 'malformed' },
    });
  });
});

describe('a HELLO', () => {
  it('contains only zeros under its seal', () => {
    const server = aServer();
    server.start();
    const { publicKey, secretKey } = freshKeyPair(crypto);
    const key = sharedKey(serverPair.publicKey, secretKey);
    const hello = encodeHello(crypto, publicKey, FIRST, key);
    const full = Buffer.concat([Buffer.from('CurveZMQHELLO---'), FIRST]);
    hello.set(crypto.seal(Buffer.alloc(64, 1), full, key), hello.length - 80);
    expect(server.receive(hello).outcome).toMatchObject({
      type: 'failed',
      error: { code: 'forged' },
    });
  });
});

describe('a client rejects', () => {
  it.each(
    [...OF_LOW_ORDER, withHighestBit(otherPair.publicKey)].map((key) => [key.toString('hex'), key]),
  )('a server whose transient key is %s', (_, key) => {
    const client = aClient();
    const clientKey = only(client.start()).subarray(80, 112);
    const welcome = encodeWelcome(
      crypto,
      Buffer.from(key),
      Buffer.alloc(96),
      sharedKey(clientKey, serverPair.secretKey),
    );
    expect(client.receive(welcome)).toMatchObject({
      send: [],
      outcome: { type: 'failed', error: { code: 'malformed' } },
    });
  });

  it('a server key of low order', () => {
    expect(aClient({ serverKey: Buffer.alloc(32) }).start()).toMatchObject({
      send: [],
      outcome: { type: 'failed', error: { code: 'malformed' } },
    });
  });
});

function property(name: string, value: string): Buffer {
  const size = Buffer.alloc(4);
  size.writeUInt32BE(value.length);
  return Buffer.concat([Buffer.of(name.length), Buffer.from(name), size, Buffer.from(value)]);
}
