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
  door.onRevoked = (peer) => ended.push(peer);
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

test('what peers choose does not fill the memory', async () => {
  const door = doorkeeper({ allowAnonymous: true });
  let ended = 0;
  door.onRevoked = () => ended++;
  for (let peer = 0; peer < 20_000; peer++) door.identify(Buffer.from(`peer ${peer}`));
  door.revoke(alice.publicKey);
  expect(ended).toBe(16_384);
});
