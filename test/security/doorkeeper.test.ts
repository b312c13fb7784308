import { randomBytes } from 'node:crypto';
import { expect, test } from 'vitest';
import { curveKeyPair } from 'zeromq';
import { Access } from '../../lib/security/access.js';
import { sharedSecret } from '../../lib/security/curve-keys.js';
import { Doorkeeper, type ServerSecurity } from '../../lib/security/doorkeeper.js';
import { seal } from '../../lib/security/seal.js';

const server = curveKeyPair();
const [alice, bob] = [curveKeyPair(), curveKeyPair()];

const curve = ({ publicKey }: { publicKey: string }) =>
  ({ mechanism: 'curve', publicKey }) as const;

function sealed(own: { publicKey: string; secretKey: string }): Buffer {
  const secret = sharedSecret(own.secretKey, server.publicKey) ?? Buffer.alloc(0);
  return Buffer.from(seal('curve', own.publicKey, randomBytes(16), secret));
}

function doorkeeper(more: Partial<ServerSecurity> = {}) {
  const access = new Access([alice.publicKey, bob.publicKey]);
  const own = { mechanism: 'curve', ...server } as const;
  return new Doorkeeper({ own, access, judge: () => false, allowAnonymous: false, ...more });
}

test('the address is the one that the connection came from, also when its key comes from elsewhere', async () => {
  const door = doorkeeper();
  const [first, second] = [sealed(alice), sealed(alice)];
  await door.admit(curve(alice), '10.0.0.1');
  expect(door.identify(first)).toMatchObject({ address: '10.0.0.1' });
  await door.admit(curve(alice), '10.0.0.2');
  expect(door.identify(second)).toMatchObject({ address: '10.0.0.2' });
  expect(door.identify(Buffer.from(first))).toMatchObject({ address: '10.0.0.1' });
});

test('credentials of another mechanism are refused', async () => {
  const plain = { mechanism: 'plain', username: 'alice', password: 'x' } as const;
  expect(await doorkeeper({ judge: () => true }).admit(plain, '10.0.0.1')).toBe('refused');
});

test('whom access knows the judge is not asked about', async () => {
  const judge = () => Promise.reject(new Error('not asked'));
  expect(await doorkeeper({ judge }).admit(curve(alice), '10.0.0.1')).toBe('admitted');
  expect(await doorkeeper({ judge }).admit(curve(curveKeyPair()), '10.0.0.1')).toBe('failed');
});

test('to revoke a key ends its connections, and those of nobody else', async () => {
  const door = doorkeeper();
  const ended: Buffer[] = [];
  door.open((peers) => ended.push(...peers));
  const [hers, his] = [sealed(alice), sealed(bob)];
  for (const pair of [alice, bob]) await door.admit(curve(pair), '10.0.0.1');
  expect(door.identify(his)).toMatchObject({ userId: bob.publicKey });
  expect(door.identify(hers)).toMatchObject({ userId: alice.publicKey });
  door.revoke(alice.publicKey);
  expect(ended).toEqual([hers]);
  // The very buffer that it has seen last.
  expect(door.identify(hers)).toBeUndefined();
  expect(door.identify(his)).toMatchObject({ userId: bob.publicKey });
});

/** As libzmq gives them, in the order in which connections come. */
function numbered(number: number): Buffer {
  const id = Buffer.alloc(5);
  id.writeUInt32BE(number >>> 0, 1);
  return id;
}

test('what peers choose does not fill the memory', () => {
  const door = doorkeeper({ allowAnonymous: true });
  const told: Buffer[] = [];
  door.open((peers) => told.push(...peers));
  for (let peer = 0; peer < 70_000; peer++) door.identify(Buffer.from(`peer ${peer}`));
  door.revoke(alice.publicKey);
  expect(told).toHaveLength(65_536);
});

test('a connection that is forgotten, since so many came after it, is not heard after the revocation either', async () => {
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
])(
  'of those who do not say who they are only the younger ones are heard after a revocation: %s',
  (_, first) => {
    const door = doorkeeper({ allowAnonymous: true });
    for (let later = 0; later < 10; later++) {
      expect(door.identify(numbered(first + later))).toEqual({});
    }
    door.revoke(alice.publicKey);
    // However many come and go meanwhile.
    for (let younger = 10; younger < 70_000; younger++) {
      expect(door.identify(numbered(first + younger))).toBeDefined();
    }
    for (const older of [-1, 0, 5, 9])
      expect(door.identify(numbered(first + older))).toBeUndefined();
  },
);

test('those who chose an id that does not say who they are have no age: none of them is heard any more', () => {
  const door = doorkeeper({ allowAnonymous: true });
  expect(door.identify(Buffer.from('worker'))).toBeDefined();
  door.revoke(alice.publicKey);
  expect(door.identify(Buffer.from('worker'))).toBeUndefined();
  expect(door.identify(Buffer.from('another'))).toBeUndefined();
  // A new socket has new connections.
  door.open(() => {});
  expect(door.identify(Buffer.from('worker'))).toBeDefined();
});

test('whoever has many connections pushes out none of others', async () => {
  const door = doorkeeper({ allowAnonymous: true });
  const told: Buffer[] = [];
  door.open((peers) => told.push(...peers));
  await door.admit(curve(alice), '10.0.0.1');
  const hers = sealed(alice);
  door.identify(numbered(1));
  door.identify(hers);
  for (let peer = 2; peer < 140_000; peer++) door.identify(numbered(peer));
  door.revoke(alice.publicKey);
  expect(told).toContainEqual(hers);
});
