import { randomBytes } from 'node:crypto';
import { describe, expect, test } from 'vitest';
import { curveKeyPair } from 'zeromq';
import { Access } from '../../lib/security/access.js';
import { canonicalKey, sharedSecret } from '../../lib/security/curve-keys.js';
import { Doorkeeper, type ServerSecurity } from '../../lib/security/doorkeeper.js';
import { SealBook } from '../../lib/security/seal-book.js';
import { seal, secretOf } from '../../lib/security/seal.js';
import { decodeZ85, encodeZ85 } from '../../lib/security/z85.js';
import { decodeZapRequest } from '../../lib/sockets/zeromq/zap.js';

const server = curveKeyPair();
const [alice, bob] = [curveKeyPair(), curveKeyPair()];

/** Curve25519 ignores the highest bit. */
function otherWay(publicKey: string): string {
  const bytes = decodeZ85(publicKey) ?? Buffer.alloc(0);
  bytes[31] = (bytes[31] ?? 0) ^ 0x80;
  return encodeZ85(bytes);
}

/** What libzmq asks about a client that shows this key. */
function curveRequest(publicKey: string): Buffer[] {
  const key = decodeZ85(publicKey) ?? Buffer.alloc(0);
  return ['1.0', '1', 'domain', '10.0.0.1', '', 'CURVE', key].map((frame) => Buffer.from(frame));
}

const curve = ({ publicKey }: { publicKey: string }) =>
  ({ mechanism: 'curve', publicKey }) as const;

function sealed(own: { publicKey: string; secretKey: string }): Buffer {
  const secret = sharedSecret(own.secretKey, server.publicKey) ?? Buffer.alloc(0);
  return Buffer.from(seal('curve', own.publicKey, randomBytes(16), secret));
}

/** A doorkeeper, and the seal book of its one socket. */
function doorkeeper(more: Partial<ServerSecurity> = {}) {
  const access = new Access([alice.publicKey, bob.publicKey]);
  const own = { mechanism: 'curve', ...server } as const;
  const security = { own, access, judge: () => false, allowAnonymous: false, ...more };
  const keeper = new Doorkeeper(security);
  const told: Buffer[] = [];
  const forged: string[] = [];
  const reopened = () =>
    new SealBook(keeper, {
      onRevoked: (keys) => told.push(...keys.map((key) => Buffer.from(key, 'latin1'))),
      onForged: (name) => forged.push(name),
    });
  let seals = reopened();
  return {
    told,
    forged: () => forged.length,
    admit: (...question: Parameters<SealBook['admit']>) => seals.admit(...question),
    identify: (routingId: Buffer) => seals.identify(routingId.toString('latin1')),
    left: (routingId: Buffer) => seals.left(routingId.toString('latin1')),
    revoke: (name: string) => keeper.revoke(name),
    authorize: (name: string) => keeper.authorize(name),
    /** The server closes its socket, and opens another one. */
    reopen: () => {
      seals.close();
      seals = reopened();
    },
  };
}

test('a connection keeps its address when its key connects from elsewhere', async () => {
  const door = doorkeeper();
  const [first, second] = [sealed(alice), sealed(alice)];
  await door.admit(curve(alice), '10.0.0.1');
  expect(door.identify(first)).toMatchObject({ address: '10.0.0.1' });
  await door.admit(curve(alice), '10.0.0.2');
  expect(door.identify(second)).toMatchObject({ address: '10.0.0.2' });
  expect(door.identify(Buffer.from(first))).toMatchObject({ address: '10.0.0.1' });
});

test('an answer that comes too late admits nobody, and is not remembered', async () => {
  const question = { isOver: false };
  let answer = (_isAuthorized: boolean) => {};
  const judge = () => new Promise<boolean>((resolve) => (answer = resolve));
  const door = doorkeeper({ access: new Access(), judge });
  const verdict = door.admit(curve(alice), '10.0.0.1', question);
  question.isOver = true;
  answer(true);
  expect(await verdict).toBe('failed');
  expect(door.identify(sealed(alice))).toBeUndefined();
});

test('a new socket knows nothing of the connections of the previous one', async () => {
  const door = doorkeeper({ allowAnonymous: true });
  for (const pair of [alice, bob]) await door.admit(curve(pair), '');
  const hers = sealed(alice);
  expect(door.identify(hers)).toBeDefined();
  expect(door.identify(numbered(100))).toBeDefined();
  door.revoke(curveKeyPair().publicKey);
  door.reopen();
  expect(door.identify(numbered(100))).toBeDefined();
  expect(door.identify(hers)).toBeUndefined();
  expect(door.identify(sealed(bob))).toBeUndefined();
});

describe('a key in its other form', () => {
  const others = otherWay(alice.publicKey);

  test.each([
    ['in the list', new Access([alice.publicKey])],
    ['by its other way in the list', new Access([canonicalKey(others)])],
  ])('is the one that is authorized: %s', async (_, access) => {
    const door = doorkeeper({ access });
    const asked = decodeZapRequest(curveRequest(others));
    expect(await door.admit(asked?.credentials ?? curve(bob), '')).toBe('admitted');
    // Its client says by the one way or the other whose the connection is: only one is a name.
    expect(door.identify(sealed(alice))).toMatchObject({ publicKey: alice.publicKey });
    expect(door.identify(sealed({ ...alice, publicKey: others }))).toBeUndefined();
  });

  test.each([alice.publicKey, others])(
    'is revoked and authorized in either form',
    async (given) => {
      const door = doorkeeper({ access: new Access(), judge: () => true });
      const asked = () => decodeZapRequest(curveRequest(others))?.credentials ?? curve(bob);
      await door.admit(asked(), '');
      const hers = sealed(alice);
      expect(door.identify(hers)).toBeDefined();
      door.revoke(given);
      expect(door.identify(hers)).toBeUndefined();
      expect(await door.admit(asked(), '')).toBe('refused');
      door.authorize(given);
      expect(await door.admit(asked(), '')).toBe('admitted');
    },
  );
});

test('revoking a key ends its connections only', async () => {
  const door = doorkeeper();
  const [hers, his] = [sealed(alice), sealed(bob)];
  for (const pair of [alice, bob]) await door.admit(curve(pair), '10.0.0.1');
  expect(door.identify(his)).toMatchObject({ userId: bob.publicKey });
  expect(door.identify(hers)).toMatchObject({ userId: alice.publicKey });
  door.revoke(alice.publicKey);
  expect(door.told).toEqual([hers]);
  expect(door.identify(hers)).toBeUndefined();
  expect(door.identify(his)).toMatchObject({ userId: bob.publicKey });
});

/** As libzmq gives them, in the order in which connections come. */
function numbered(number: number): Buffer {
  const id = Buffer.alloc(5);
  id.writeUInt32BE(number >>> 0, 1);
  return id;
}

test('ids chosen by peers do not fill the memory', () => {
  const door = doorkeeper({ allowAnonymous: true });
  for (let peer = 0; peer < 70_000; peer++) door.identify(Buffer.from(`peer ${peer}`));
  door.revoke(alice.publicKey);
  expect(door.told).toHaveLength(65_536);
});

test('a connection forgotten among many is not heard after its revocation either', async () => {
  const door = doorkeeper({ allowAnonymous: true });
  for (const pair of [alice, bob]) await door.admit(curve(pair), '10.0.0.1');
  const hers = sealed(alice);
  expect(door.identify(hers)).toMatchObject({ userId: alice.publicKey });
  for (let peer = 0; peer < 70_000; peer++) door.identify(numbered(peer));
  door.revoke(alice.publicKey);
  expect(door.identify(Buffer.from(hers))).toBeUndefined();
});

test.each([
  ['at first', 1000],
  ['when their numbers begin anew', 2 ** 32 - 5],
])('of anonymous connections only newer ones are heard after a revocation: %s', (_, first) => {
  const door = doorkeeper({ allowAnonymous: true });
  for (let later = 0; later < 10; later++) {
    expect(door.identify(numbered(first + later))).toEqual({});
  }
  door.revoke(alice.publicKey);
  // However many come and go meanwhile.
  for (let younger = 10; younger < 70_000; younger++) {
    expect(door.identify(numbered(first + younger))).toBeDefined();
  }
  for (const older of [-1, 0, 5, 9]) expect(door.identify(numbered(first + older))).toBeUndefined();
});

test('anonymous connections with an id of their own are not heard after a revocation', () => {
  const door = doorkeeper({ allowAnonymous: true });
  expect(door.identify(Buffer.from('worker'))).toBeDefined();
  door.revoke(alice.publicKey);
  expect(door.identify(Buffer.from('worker'))).toBeUndefined();
  expect(door.identify(Buffer.from('another'))).toBeUndefined();
  // A new socket has new connections.
  door.reopen();
  expect(door.identify(Buffer.from('worker'))).toBeDefined();
});

test('a client with many connections evicts none of others', async () => {
  const door = doorkeeper({ allowAnonymous: true });
  await door.admit(curve(alice), '10.0.0.1');
  const hers = sealed(alice);
  door.identify(numbered(1));
  door.identify(hers);
  for (let peer = 2; peer < 140_000; peer++) door.identify(numbered(peer));
  door.revoke(alice.publicKey);
  expect(door.told).toContainEqual(hers);
});

describe('no more connections of a name are believed than were admitted', () => {
  const plain = (username: string, password: string) =>
    ({ mechanism: 'plain', username, password }) as const;
  const sealOf = (name: string, password: string) =>
    Buffer.from(seal('plain', name, randomBytes(16), secretOf(password)));

  function plainDoor(judge: ServerSecurity['judge'] = () => true) {
    const door = doorkeeper({ own: { mechanism: 'plain' }, judge });
    return { door, forged: door.forged };
  }

  test('not even with the right password, which may have been valid once', async () => {
    const { door, forged } = plainDoor();
    await door.admit(plain('alice', 'once'), '10.0.0.1');
    const hers = sealOf('alice', 'once');
    expect(door.identify(hers)).toMatchObject({ userId: 'alice' });
    await door.admit(plain('mallory', 'mallory’s'), '10.0.0.2');
    const other = sealOf('alice', 'once');
    expect(door.identify(other)).toBeUndefined();
    expect(forged()).toBe(1);
    // It is asked of each message: the connection is the same.
    expect(door.identify(Buffer.from(hers))).toMatchObject({ userId: 'alice' });
    expect(door.identify(Buffer.from(other))).toBeUndefined();
    expect(forged()).toBe(1);
  });

  test('each with the password that admitted it, in any order', async () => {
    const { door } = plainDoor();
    for (const password of ['old', 'new', 'old']) await door.admit(plain('alice', password), '');
    for (const password of ['old', 'new', 'old']) {
      expect(door.identify(sealOf('alice', password))).toMatchObject({ userId: 'alice' });
    }
    for (const password of ['old', 'new']) {
      expect(door.identify(sealOf('alice', password))).toBeUndefined();
    }
  });

  test('and none after ten wrong guesses by others before its first message', async () => {
    const { door, forged } = plainDoor();
    for (let guesses = 0; guesses <= 10; guesses++) {
      await door.admit(plain('alice', 'hers'), '10.0.0.1');
      for (let guess = 0; guess < guesses; guess++)
        door.identify(sealOf('alice', `guess ${guess}`));
      const isBelieved = door.identify(sealOf('alice', 'hers')) !== undefined;
      expect([guesses, isBelieved]).toEqual([guesses, guesses < 10]);
    }
    expect(forged()).toBe(56);
  });

  test('one connection counts as one guess, whatever it sends', async () => {
    const { door, forged } = plainDoor();
    await door.admit(plain('alice', 'hers'), '10.0.0.1');
    const wrong = sealOf('alice', 'guess');
    for (let message = 0; message < 100; message++) door.identify(Buffer.from(wrong));
    expect(door.identify(sealOf('alice', 'hers'))).toMatchObject({ userId: 'alice' });
    expect(forged()).toBe(1);
  });

  test('of a name with very many passwords the latest are kept', async () => {
    const { door } = plainDoor();
    for (let at = 0; at < 20; at++) await door.admit(plain('alice', `${at}`), '');
    expect(door.identify(sealOf('alice', '3'))).toBeUndefined();
    expect(door.identify(sealOf('alice', '19'))).toBeDefined();
    expect(door.identify(sealOf('alice', '4'))).toBeDefined();
  });

  test('not with a seal of the other mechanism', async () => {
    const { door, forged } = plainDoor();
    await door.admit(plain('alice', 'hers'), '');
    const other = seal('curve', 'alice', randomBytes(16), secretOf('hers'));
    expect(door.identify(Buffer.from(other))).toBeUndefined();
    expect(forged()).toBe(1);
  });

  test('not with a seal for another server that has the same key', async () => {
    const [first, second] = [doorkeeper(), doorkeeper()];
    await first.admit(curve(alice), '');
    const hers = sealed(alice);
    expect(first.identify(hers)).toBeDefined();
    expect(second.identify(hers)).toBeUndefined();
  });

  test('not with the seal of a connection that has left', async () => {
    const door = doorkeeper();
    for (const pair of [alice, bob]) await door.admit(curve(pair), '');
    const [hers, his] = [sealed(alice), sealed(bob)];
    for (const id of [hers, his]) expect(door.identify(id)).toBeDefined();
    door.left(hers);
    // What it had said before may still come.
    expect(door.identify(Buffer.from(hers))).toBeDefined();
    await door.admit(curve(bob), '');
    expect(door.identify(hers)).toBeUndefined();
    expect(door.identify(his)).toBeDefined();
  });

  test('admissions before a revocation are void, even once the name is authorized again', async () => {
    const door = doorkeeper();
    await door.admit(curve(alice), '');
    door.revoke(alice.publicKey);
    door.authorize(alice.publicKey);
    const hers = sealed(alice);
    expect(door.identify(hers)).toBeUndefined();
    // libzmq connects anew under the same routing id: that it was denied is forgotten with the revocation.
    await door.admit(curve(alice), '');
    door.authorize(alice.publicKey);
    expect(door.identify(Buffer.from(hers))).toBeDefined();
  });
});
