import { expect, test } from 'vitest';
import { Access } from '../../lib/security/access.js';
import { canonicalKey, curveKeyPairOf } from '../../lib/security/curve-keys.js';
import { Doorkeeper, type ServerSecurity } from '../../lib/security/doorkeeper.js';
import { decodeZ85, encodeZ85 } from '../../lib/security/z85.js';

const pair = (seed: number) => curveKeyPairOf(Buffer.alloc(32, seed));
const [server, alice, stranger] = [pair(1), pair(2), pair(3)];
const curve = ({ publicKey }: { publicKey: string }) =>
  ({ mechanism: 'curve', publicKey }) as const;

function doorkeeper(more: Partial<ServerSecurity> = {}) {
  const own = { mechanism: 'curve', ...server } as const;
  const access = new Access([alice.publicKey]);
  return new Doorkeeper({ own, access, judge: () => false, allowAnonymous: false, ...more });
}

test('credentials of another mechanism are refused', async () => {
  const plain = { mechanism: 'plain', username: 'alice', password: 'x' } as const;
  expect(await doorkeeper({ judge: () => true }).admit(plain, '10.0.0.1')).toBe('refused');
});

test('the judge is not asked about names that access knows', async () => {
  const judge = () => Promise.reject(new Error('not asked'));
  expect(await doorkeeper({ judge }).admit(curve(alice), '10.0.0.1')).toBe('admitted');
  await expect(doorkeeper({ judge }).admit(curve(stranger), '10.0.0.1')).rejects.toThrow(
    'not asked',
  );
});

test.each([undefined, null, 1, 'yes', 'true', {}, Promise.resolve('yes')])(
  'only true admits: %s',
  async (answer) => {
    const door = doorkeeper({ access: new Access(), judge: () => answer });
    expect(await door.admit(curve(alice), '')).toBe('refused');
  },
);

test('a client revoked while the judge is asked is not admitted', async () => {
  let answer = (_isAuthorized: boolean) => {};
  const judge = () => new Promise<boolean>((resolve) => (answer = resolve));
  const door = doorkeeper({ access: new Access(), judge });
  const verdict = door.admit(curve(alice), '');
  door.revoke(alice.publicKey);
  answer(true);
  expect(await verdict).toBe('refused');
});

test.each([
  ['in the list', false],
  ['by the judge', true],
])(
  'a client admitted %s is refused once revoked, and admitted again once authorized',
  async (_, byJudge) => {
    const door = doorkeeper(byJudge ? { access: new Access(), judge: () => true } : {});
    expect(await door.admit(curve(alice), '')).toBe('admitted');
    door.revoke(alice.publicKey);
    expect(door.isRevoked(alice.publicKey)).toBe(true);
    expect(await door.admit(curve(alice), '')).toBe('refused');
    door.authorize(alice.publicKey);
    expect(await door.admit(curve(alice), '')).toBe('admitted');
  },
);

test('every open socket hears of a revocation, by the canonical key', () => {
  const door = doorkeeper();
  const told: string[] = [];
  const listening = (socket: string) =>
    door.listen({
      onRevoked: (name) => told.push(`${socket}: ${name}`),
      onAuthorized: () => told.push(`${socket}: authorized`),
    });
  const stop = listening('first');
  listening('second');
  const otherWay = decodeZ85(alice.publicKey) ?? Buffer.alloc(32);
  otherWay[31] = (otherWay[31] ?? 0) ^ 0x80;
  door.revoke(encodeZ85(otherWay));
  stop();
  door.authorize(alice.publicKey);
  const name = canonicalKey(alice.publicKey);
  expect(told).toEqual([`first: ${name}`, `second: ${name}`, 'second: authorized']);
});

test('with PLAIN, authorizing a name only pardons it: the judge knows the password', async () => {
  const door = doorkeeper({
    own: { mechanism: 'plain' },
    access: new Access(),
    judge: (shown) => shown.mechanism === 'plain' && shown.password === 'right',
  });
  const plain = (password: string) =>
    ({ mechanism: 'plain', username: 'alice', password }) as const;
  door.authorize('alice');
  expect(await door.admit(plain('wrong'), '')).toBe('refused');
  door.revoke('alice');
  expect(await door.admit(plain('right'), '')).toBe('refused');
  door.authorize('alice');
  expect(await door.admit(plain('right'), '')).toBe('admitted');
});
