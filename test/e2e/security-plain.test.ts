import { firstValueFrom } from 'rxjs';
import { expect, test } from 'vitest';
import type { PlainServerSecurity } from 'nestjs-freelance';
import { connectTo, serve } from '../support/nest.js';
import { WhoController } from '../support/security.js';

const users = { alice: 'correct horse', bob: 'battery staple' };

const servePlain = (authorizedUsers: PlainServerSecurity['authorizedUsers'] = users) =>
  serve([WhoController], { security: { mechanism: 'plain', authorizedUsers } });

const as = (username: string, password: string) =>
  ({ security: { mechanism: 'plain', username, password } }) as const;

test('a handler knows the name of its caller, and the address', async () => {
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
  '%s with the password %j is refused at once, with a name and without a password',
  async (name, password) => {
    await using served = await servePlain();
    using client = connectTo(served.endpoints, { ...as(name, password), connectTimeout: 60_000 });
    const error: unknown = await client.connect().catch((e: unknown) => e);
    expect(error).toMatchObject({ code: 'UNAUTHORIZED' });
    expect((error as Error).message).toContain(`the user ${JSON.stringify(name)}`);
    expect((error as Error).message).not.toContain(`${password} `);
  },
);

test('a function may say it', async () => {
  await using served = await servePlain(
    async (name, password, address) =>
      name === 'dave' && password === 'd' && address === '127.0.0.1',
  );
  using dave = connectTo(served.endpoints, as('dave', 'd'));
  expect(await firstValueFrom(dave.send('who', {}))).toMatchObject({ userId: 'dave' });
  using other = connectTo(served.endpoints, as('dave', 'e'));
  await expect(other.connect()).rejects.toMatchObject({ code: 'UNAUTHORIZED' });
});

test('a name that is revoked is out until it is authorized again, and then needs its password', async () => {
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
