import { channel } from 'node:diagnostics_channel';
import { mkdtemp, rename, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Controller, Logger } from '@nestjs/common';
import { MessagePattern } from '@nestjs/microservices';
import {
  type DiscoveryMessage,
  type EndpointDiscovery,
  FreelanceClientProxy,
  FreelanceRecordBuilder,
} from 'nestjs-freelance';
import { firstValueFrom, lastValueFrom, toArray } from 'rxjs';
import { afterEach, describe, expect, test } from 'vitest';
import { fileEndpoints } from '../../lib/discovery/index.js';
import { eventually } from '../support/eventually.js';
import { FakeDiscovery } from '../support/fake-discovery.js';
import { KeepingLogger } from '../support/keeping-logger.js';
import { connectTo, serve, type Served } from '../support/nest.js';
import { pki, tlsClient, tlsServer } from '../support/tls.js';

const clean: (() => unknown)[] = [];
afterEach(async () => {
  for (const undo of clean.splice(0)) await undo();
});

@Controller()
class EchoController {
  @MessagePattern('echo')
  echo(data: unknown) {
    return data;
  }
}

const echo = (client: FreelanceClientProxy, data = 'hello') =>
  firstValueFrom(client.send<string>('echo', data));

const known = (client: FreelanceClientProxy) => Object.keys(client.stats().endpoints);

const endpointOf = ({ endpoints }: Served) => endpoints[0] ?? '';

describe('a client with a discovery', () => {
  test('calls whom it names, waits for the first set, and leaves whom it names no more', async () => {
    await using one = await serve([EchoController]);
    await using two = await serve([EchoController]);
    const discovery = new FakeDiscovery();
    using client = connectTo(discovery);
    const early = echo(client);
    discovery.names([endpointOf(one)]);
    expect(await early).toBe('hello');
    discovery.names([endpointOf(two)]);
    await eventually(() => expect(known(client)).toEqual([endpointOf(two)]));
    expect(await echo(client)).toBe('hello');
    expect(client.stats().discovery).toMatchObject({ name: 'fake', servers: 1, isFailing: false });
  });

  test('reaches all with its first broadcast', async () => {
    await using one = await serve([EchoController]);
    await using two = await serve([EchoController]);
    const discovery = new FakeDiscovery();
    using client = connectTo(discovery);
    const everybody = new FreelanceRecordBuilder('hi').setBroadcast().build();
    const all = lastValueFrom(client.send<string>('echo', everybody).pipe(toArray()));
    discovery.names([endpointOf(one), endpointOf(two)]);
    expect(await all).toEqual(['hi', 'hi']);
  });

  test('says in its errors who has named no server, and why', async () => {
    const discovery = new FakeDiscovery();
    using client = connectTo(discovery, { connectTimeout: 50 });
    const failed = echo(client);
    discovery.throws(new Error('the registry is down'));
    await expect(failed).rejects.toMatchObject({
      code: 'ECONNREFUSED',
      message: expect.stringContaining(
        'Servers: none. The discovery fake has not named any server yet: the registry is down. Check',
      ),
    });
    await expect(client.connect()).rejects.toMatchObject({
      message: expect.stringContaining('has not named any server yet'),
    });
  });

  test('says in its errors by which name it has found a server', async () => {
    const discovery = new FakeDiscovery();
    using client = connectTo(discovery, { connectTimeout: 200 });
    const failed = echo(client);
    discovery.names([{ endpoint: 'tcp://127.0.0.1:1', name: 'orders.test' }]);
    await expect(failed).rejects.toMatchObject({
      message: expect.stringContaining('Servers: tcp://127.0.0.1:1 (orders.test) is dead'),
    });
  });

  test('asks for an answer of now when a server is lost', async () => {
    const discovery = new FakeDiscovery();
    using client = connectTo(discovery);
    const one = await serve([EchoController]);
    await using two = await serve([EchoController]);
    const early = echo(client);
    discovery.names([endpointOf(one), endpointOf(two)]);
    await early;
    await eventually(() => expect(client.stats().endpoints[endpointOf(one)]?.state).toBe('alive'));
    let hints = 0;
    discovery.current.onRefresh(() => hints++);
    await one[Symbol.asyncDispose]();
    await eventually(() => expect(hints).toBeGreaterThan(0));
  });

  test('ends it when it is closed, and begins anew when it is opened again', async () => {
    await using server = await serve([EchoController]);
    const discovery = new FakeDiscovery();
    const client = connectTo(discovery);
    expect(discovery.watches).toHaveLength(0);
    const early = echo(client);
    discovery.names([endpointOf(server)]);
    await early;
    const { signal } = discovery.current;
    client.close();
    expect(signal.aborted).toBe(true);
    expect(client.stats().discovery).toBeUndefined();
    const later = echo(client);
    // What was named before the client was closed holds no more.
    expect(known(client)).toEqual([]);
    expect(client.stats().discovery?.servers).toBe(0);
    // The first run still waits for a set, which it will never pass on.
    discovery.names(['tcp://127.0.0.1:1']);
    discovery.names([endpointOf(server)]);
    expect(await later).toBe('hello');
    expect(discovery.watches).toHaveLength(2);
    client.close();
  });

  test('opened again while it is being closed, as by a caller that retries, it begins anew, too', async () => {
    const discovery = new FakeDiscovery();
    const client = connectTo(discovery);
    const early = echo(client);
    discovery.names(['tcp://127.0.0.1:1']);
    await eventually(() => expect(known(client)).toHaveLength(1));
    discovery.current.signal.addEventListener('abort', () => void echo(client).catch(() => {}));
    client.close();
    await expect(early).rejects.toMatchObject({ code: 'CLOSED' });
    expect(discovery.watches).toHaveLength(2);
    expect(known(client)).toEqual([]);
    client.close();
  });

  test('keeps what was added by hand', async () => {
    await using server = await serve([EchoController]);
    const discovery = new FakeDiscovery();
    using client = connectTo(discovery);
    client.addEndpoint(endpointOf(server));
    expect(await echo(client)).toBe('hello');
    discovery.names(['tcp://127.0.0.1:1']);
    await eventually(() => expect(known(client)).toHaveLength(2));
    expect(await echo(client)).toBe('hello');
  });

  test('may be closed by its discovery', async () => {
    let close = () => {};
    const discovery: EndpointDiscovery = {
      name: 'careless',
      watch: () => {
        close();
        throw new Error('and throws');
      },
    };
    const client = connectTo(discovery);
    close = () => client.close();
    await expect(echo(client)).rejects.toMatchObject({ code: 'CLOSED' });
  });

  test('logs what is wrong, and publishes changes and failures', async () => {
    const messages: DiscoveryMessage[] = [];
    const listener = (message: unknown) => messages.push(message as DiscoveryMessage);
    channel('nestjs-freelance:client:discovery').subscribe(listener);
    clean.push(() => channel('nestjs-freelance:client:discovery').unsubscribe(listener));
    await using server = await serve([EchoController]);
    // A server of Nest brings its own.
    const logger = new KeepingLogger();
    Logger.overrideLogger(logger);
    clean.push(() => Logger.overrideLogger(['error', 'fatal']));
    const discovery = new FakeDiscovery();
    using client = connectTo(discovery);
    const early = echo(client);
    discovery.names([endpointOf(server), 'nonsense']);
    await early;
    const error = new Error('the registry\nis down');
    discovery.throws(error);
    await eventually(() => expect(messages).toHaveLength(3));
    const [fault, change, failure] = messages;
    const servers = [endpointOf(server)];
    const of = { client: { id: client.id, name: 'client of fake' }, discovery: 'fake' };
    expect(fault).toMatchObject({
      ...of,
      servers: [],
      error: expect.stringContaining('"nonsense"'),
    });
    expect(change).toEqual({ ...of, servers, added: servers, removed: [], error: undefined });
    expect(failure).toEqual({ ...of, servers, added: [], removed: [], error });
    const lines = logger.of('FreelanceClientProxy');
    expect(lines).toContain(
      'warn [FreelanceClientProxy] client of fake: The discovery fake: "nonsense" is not used: it must begin with tcp://, tls://, ipc:// or inproc://.',
    );
    expect(lines).toContain(
      String.raw`warn [FreelanceClientProxy] client of fake: The discovery fake fails: the registry\nis down. The client keeps 1 server.`,
    );
  });
});

describe('a server that is found by an address under a name', () => {
  /** A call by a client that has found a TLS server under that name. */
  async function callUnder(name: string) {
    await using server = await serve([EchoController], tlsServer('any'));
    const discovery = new FakeDiscovery();
    using client = connectTo(discovery, { ...tlsClient(pki.alice), connectTimeout: 20_000 });
    const call = echo(client);
    discovery.names([{ endpoint: endpointOf(server), name }]);
    return await call;
  }

  test('is called if it has a certificate of the name', async () => {
    expect(await callUnder('server.example')).toBe('hello');
  });

  test('is refused if its certificate is for another', async () => {
    await expect(callUnder('another.example')).rejects.toMatchObject({
      code: 'UNAUTHORIZED',
      message: expect.stringContaining('not for another.example'),
    });
  });
});

test('servers come and go with a file', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'discovery-'));
  clean.push(() => rm(folder, { recursive: true }));
  const path = join(folder, 'endpoints.json');
  const write = async (text: string) => {
    await writeFile(`${path}.new`, text);
    await rename(`${path}.new`, path);
  };
  await using one = await serve([EchoController]);
  await using two = await serve([EchoController]);
  using client = connectTo(fileEndpoints(path));
  const early = echo(client);
  await write(JSON.stringify([endpointOf(one)]));
  expect(await early).toBe('hello');
  await write(JSON.stringify([{ endpoint: endpointOf(two), name: 'two' }]));
  await eventually(() => expect(known(client)).toEqual([endpointOf(two)]));
  await write('[');
  await eventually(() => expect(client.stats().discovery?.lastError).toContain('is not JSON'));
  expect(await echo(client)).toBe('hello');
});
