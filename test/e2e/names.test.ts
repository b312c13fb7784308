import dns from 'node:dns';
import { once } from 'node:events';
import { createServer, type Socket } from 'node:net';
import { networkInterfaces } from 'node:os';
import { Controller } from '@nestjs/common';
import { MessagePattern } from '@nestjs/microservices';
import { firstValueFrom } from 'rxjs';
import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { eventually } from '../support/eventually.js';
import { greeting } from '../fuzz/zmtp.js';
import { connectTo, serve } from '../support/nest.js';
import { freePort } from '../support/ports.js';

@Controller()
class EchoController {
  @MessagePattern('echo')
  echo(data: unknown) {
    return data;
  }
}

/** What names resolve to in a test; look-ups of other names hang. */
let names: Record<string, string[]>;
let asked: string[];
/** Ends the hanging look-ups. */
let end: (() => void)[];

type AllDone = (error: Error | null, addresses: dns.LookupAddress[]) => void;

const addressOf = (address: string) => ({ address, family: address.includes(':') ? 6 : 4 });

beforeEach(() => {
  names = {};
  asked = [];
  end = [];
  const ofNode = dns.lookup;
  const lookup = (name: string, options: dns.LookupAllOptions, done: AllDone) => {
    // Node's own servers look up their addresses, too.
    if (!name.endsWith('.test')) return ofNode(name, options, done);
    asked.push(name);
    const found = names[name];
    if (!found) end.push(() => done(new Error('no answer'), []));
    else if (found.length > 0) setImmediate(done, null, found.map(addressOf));
    else setImmediate(done, Object.assign(new Error('no such name'), { code: 'ENOTFOUND' }), []);
  };
  vi.spyOn(dns, 'lookup').mockImplementation(lookup as unknown as typeof dns.lookup);
});

afterEach(async () => {
  while (end.length > 0) {
    end.shift()?.();
    // The next queued look-up starts, and hangs.
    await new Promise((turned) => setImmediate(turned));
  }
  vi.restoreAllMocks();
});

const hasIpv6 = Object.values(networkInterfaces()).some((addresses) =>
  addresses?.some(({ address }) => address === '::1'),
);

test('hanging look-ups delay no connection by IP address, existing or new', async () => {
  await using server = await serve([EchoController]);
  const hanging = Array.from({ length: 8 }, (_, n) => `tcp://hangs-${n}.test:5555`);
  using client = connectTo([...server.endpoints, ...hanging]);
  await client.connect();
  await eventually(() => expect(asked).toHaveLength(2));
  await using another = await serve([EchoController]);
  client.addEndpoint(another.endpoints[0] ?? '');
  await eventually(() => {
    for (const endpoint of [...server.endpoints, ...another.endpoints]) {
      expect(client.stats().endpoints[endpoint]?.state).toBe('alive');
    }
  });
  for (let n = 0; n < 100; n++) expect(await firstValueFrom(client.send('echo', n))).toBe(n);
  // A hanging look-up occupies a thread, so at most two run at a time.
  expect(new Set(asked).size).toBe(2);
});

test('a look-up that takes too long is named in the error', async () => {
  using client = connectTo(['tcp://hangs.test:5555'], {
    heartbeatInterval: 100,
    heartbeatTimeout: 400,
    connectTimeout: 1000,
  });
  await expect(client.connect()).rejects.toThrow(
    /the name hangs\.test has not resolved within \d+ ms/,
  );
});

test('of several addresses, those that refuse are skipped', async () => {
  const port = await freePort();
  await using server = await serve([EchoController], { bind: `tcp://127.0.0.3:${port}` });
  expect(server.endpoints).toHaveLength(1);
  names['several.test'] = ['127.0.0.1', '127.0.0.2', '127.0.0.3'];
  using client = connectTo([`tcp://several.test:${port}`]);
  expect(await firstValueFrom(client.send('echo', 1))).toBe(1);
});

test.each([
  ['says nothing', ''],
  ['greets, and then nothing', greeting()],
])('of several addresses, one that accepts and %s does not delay the others', async (_, said) => {
  const port = await freePort();
  const accepted: Socket[] = [];
  const mute = createServer((socket) => {
    accepted.push(socket.on('error', () => {}));
    if (said) socket.write(said);
  });
  await once(mute.listen(port, '127.0.0.2'), 'listening');
  await using server = await serve([EchoController], { bind: `tcp://127.0.0.3:${port}` });
  expect(server.endpoints).toHaveLength(1);
  names['mute.test'] = ['127.0.0.2', '127.0.0.3'];
  using client = connectTo([`tcp://mute.test:${port}`]);
  expect(await firstValueFrom(client.send('echo', 1))).toBe(1);
  for (const socket of accepted) socket.destroy();
  mute.close();
});

test.runIf(hasIpv6)('a name with IPv6 addresses only is reached', async () => {
  await using server = await serve([EchoController], { bind: 'tcp://[::1]:*' });
  const port = server.endpoints[0]?.split(':').at(-1) ?? '';
  names['six.test'] = ['::1'];
  using client = connectTo([`tcp://six.test:${port}`]);
  expect(await firstValueFrom(client.send('echo', 6))).toBe(6);
});

test('a name that resolves later is reached later', async () => {
  await using server = await serve([EchoController]);
  const port = server.endpoints[0]?.split(':').at(-1) ?? '';
  names['later.test'] = [];
  using client = connectTo([`tcp://later.test:${port}`], { connectTimeout: 60_000 });
  const answer = firstValueFrom(client.send('echo', 'late'));
  await eventually(() => expect(asked.length).toBeGreaterThan(1));
  names['later.test'] = ['127.0.0.1'];
  expect(await answer).toBe('late');
});
