import { firstValueFrom } from 'rxjs';
import { describe, expect, test } from 'vitest';
import type { FreelanceEngine, PlainServerSecurity } from 'nestjs-freelance';
import { connectTo, serve } from '../support/nest.js';
import { eventually } from '../support/eventually.js';
import { plainSeal, RawClient, WhoController } from '../support/security.js';

const users = { alice: 'correct horse', bob: 'battery staple' };

const servePlain = (
  authorizedUsers: PlainServerSecurity['authorizedUsers'] = users,
  engine?: FreelanceEngine,
) => serve([WhoController], { engine, security: { mechanism: 'plain', authorizedUsers } });

const as = (username: string, password: string) =>
  ({ security: { mechanism: 'plain', username, password } }) as const;

test('a handler knows the name and address of its caller', async () => {
  await using served = await servePlain();
  using client = connectTo(served.endpoints, as('alice', users.alice));
  expect(await firstValueFrom(client.send('who', {}))).toEqual({
    userId: 'alice',
    address: '127.0.0.1',
  });
});

test.each([
  ['alice', 'wrong'],
  ['alice', users.bob],
  ['mallory', users.alice],
  ['__proto__', 'x'],
])(
  '%s with the password %j is refused at once, and the error names the user but not the password',
  async (name, password) => {
    await using served = await servePlain();
    using client = connectTo(served.endpoints, { ...as(name, password), connectTimeout: 60_000 });
    const error: unknown = await client.connect().catch((e: unknown) => e);
    expect(error).toMatchObject({ code: 'UNAUTHORIZED' });
    expect((error as Error).message).toContain(`the user ${JSON.stringify(name)}`);
    expect((error as Error).message).toContain('its name and password (authorizedUsers)');
    expect((error as Error).message).not.toContain(`${password} `);
  },
);

test('a function may decide', async () => {
  await using served = await servePlain(
    async (name, password, address) =>
      name === 'dave' && password === 'd' && address === '127.0.0.1',
  );
  using dave = connectTo(served.endpoints, as('dave', 'd'));
  expect(await firstValueFrom(dave.send('who', {}))).toMatchObject({ userId: 'dave' });
  using other = connectTo(served.endpoints, as('dave', 'e'));
  await expect(other.connect()).rejects.toMatchObject({ code: 'UNAUTHORIZED' });
});

test('a revoked name stays out until it is authorized again, and then needs its password', async () => {
  await using served = await servePlain();
  using client = connectTo(served.endpoints, as('alice', users.alice));
  await client.connect();
  served.strategy.revoke('alice');
  await expect(firstValueFrom(client.send('who', {}))).rejects.toMatchObject({
    code: 'UNAUTHORIZED',
  });
  served.strategy.authorize('alice');
  using impostor = connectTo(served.endpoints, as('alice', 'wrong'));
  await expect(impostor.connect()).rejects.toMatchObject({ code: 'UNAUTHORIZED' });
  using again = connectTo(served.endpoints, as('alice', users.alice));
  expect(await firstValueFrom(again.send('who', {}))).toMatchObject({ userId: 'alice' });
});

describe('with libzmq at the server, a connection counts as the name that ZAP admitted', () => {
  const raw = (endpoint: string, own: readonly [string, string], claims = own) =>
    new RawClient(endpoint, {
      plainUsername: own[0],
      plainPassword: own[1],
      routingId: plainSeal(...claims),
    });
  const isServedAs = async (client: RawClient, name: string) => {
    await client.ask('who');
    await eventually(() => expect(client.heard).toHaveLength(1));
    expect(client.heard[0]).toContain(`"userId":"${name}"`);
  };

  test('not as one that another connection claims, even with its password', async () => {
    await using served = await servePlain(users, 'libzmq');
    const [endpoint = ''] = served.endpoints;
    using alice = raw(endpoint, ['alice', users.alice]);
    await isServedAs(alice, 'alice');
    for (const guess of ['wrong', users.alice]) {
      using bob = raw(endpoint, ['bob', users.bob], ['alice', guess]);
      await bob.ask('who');
      await eventually(() => expect(bob.heard).toEqual(['DENIED']));
    }
    expect(served.strategy.stats()).toMatchObject({ accepted: 1, unauthorized: 2 });
  });

  test('with a one-time password once', async () => {
    const unspent = new Set(['1st', '2nd']);
    await using served = await servePlain((_name, password) => unspent.delete(password), 'libzmq');
    const [endpoint = ''] = served.endpoints;
    using alice = raw(endpoint, ['alice', '1st']);
    await isServedAs(alice, 'alice');
    using bob = raw(endpoint, ['bob', '2nd'], ['alice', '1st']);
    await bob.ask('who');
    await eventually(() => expect(bob.heard).toEqual(['DENIED']));
  });

  test('with the password that was used, if the name has several', async () => {
    const valid = new Set(['old', 'new']);
    await using served = await servePlain((_name, password) => valid.has(password), 'libzmq');
    const [endpoint = ''] = served.endpoints;
    using first = raw(endpoint, ['alice', 'old']);
    await eventually(() => expect(first.happened).toContain('handshake'));
    using second = raw(endpoint, ['alice', 'new']);
    await isServedAs(second, 'alice');
    await isServedAs(first, 'alice');
  });
});
