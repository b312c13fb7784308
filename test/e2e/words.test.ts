import { once } from 'node:events';
import { createServer as createHttpServer } from 'node:http';
import { type AddressInfo, createServer, type Socket } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Controller } from '@nestjs/common';
import { MessagePattern } from '@nestjs/microservices';
import { FreelanceRecordBuilder, FreelanceTransportServer } from 'nestjs-freelance';
import { lastValueFrom, NEVER } from 'rxjs';
import { describe, expect, test } from 'vitest';
import { connectTo, serve } from '../support/nest.js';

/** The error of a call or a server. */
const errorOf = (promise: Promise<unknown>): Promise<Error & { attempts?: unknown[] }> =>
  promise.then(
    () => new Error('nothing failed'),
    (error: unknown) => error as Error,
  );

const listen = (bind: string) => {
  const server = new FreelanceTransportServer({ bind });
  return new Promise<Error | undefined>((resolve) =>
    server.listen((error) => resolve(error as Error | undefined)),
  ).finally(() => server.close());
};

@Controller()
class SlowController {
  @MessagePattern('slow')
  slow() {
    return NEVER;
  }
}

describe('the error of a client with a wrong endpoint says that', () => {
  const connecting = async (endpoint: string) => {
    using client = connectTo([endpoint], { connectTimeout: 4000, reconnectInterval: 10_000 });
    return (await errorOf(client.connect())).message;
  };

  test('the name does not resolve', async () => {
    expect(await connecting('tcp://no-such-host.invalid:5555')).toMatch(
      /the name no-such-host\.invalid does not resolve \(E[A-Z_]+\)/,
    );
  });

  test('a web server listens there', async () => {
    const server = createHttpServer((_request, response) => response.end('hello'));
    await once(server.listen(0, '127.0.0.1'), 'listening');
    const { port } = server.address() as AddressInfo;
    expect(await connecting(`tcp://127.0.0.1:${port}`)).toContain(
      'does not speak the protocol of ZeroMQ, ZMTP: its first words are "HTTP/1.1 400 Bad Request"',
    );
    server.close();
  });

  test("another protocol's server, which speaks first, listens there", async () => {
    const sockets: Socket[] = [];
    const server = createServer((socket) => {
      sockets.push(socket.on('error', () => {}));
      socket.write('SSH-2.0-Test_\u001B[31m\r\n');
    });
    await once(server.listen(0, '127.0.0.1'), 'listening');
    const { port } = server.address() as AddressInfo;
    expect(await connecting(`tcp://127.0.0.1:${port}`)).toContain(
      'its first words are "SSH-2.0-Test_.[31m"',
    );
    for (const socket of sockets) socket.destroy();
    server.close();
  });

  test('the server there closes the connection without a word', async () => {
    const server = createServer((socket) => socket.on('error', () => {}).destroy());
    await once(server.listen(0, '127.0.0.1'), 'listening');
    const { port } = server.address() as AddressInfo;
    expect(await connecting(`tcp://127.0.0.1:${port}`)).toMatch(
      /it closed the connection|was closed/,
    );
    server.close();
  });
});

describe('a server that cannot bind reports code, address and cause:', () => {
  test('the port is in use', async () => {
    await using served = await serve([SlowController]);
    const [address = ''] = served.endpoints;
    const error = await listen(address);
    expect(error).toMatchObject({ code: 'EADDRINUSE', address });
    expect(error?.message).toBe(
      `cannot bind ${address}: another socket has it, of this process or another one (EADDRINUSE)`,
    );
  });

  test('the name does not resolve', async () => {
    const error = await listen('tcp://no-such-host.invalid:5555');
    expect(error).toMatchObject({ code: expect.stringMatching(/^(ENOTFOUND|EAI_AGAIN)$/) });
    expect(error?.message).toContain('no-such-host.invalid is neither a name that resolves nor');
  });

  test('the address belongs to another machine', async () => {
    // TEST-NET-1 of RFC 5737, which no machine has.
    const error = await listen('tcp://192.0.2.1:5555');
    expect(error).toMatchObject({ code: 'EADDRNOTAVAIL' });
    expect(error?.message).toContain('192.0.2.1 is no address of this machine');
  });

  test('the directory is missing', async () => {
    const error = await listen(`ipc://${join(tmpdir(), 'no-such-directory', 'socket')}`);
    expect(error).toMatchObject({ code: 'ENOENT' });
    expect(error?.message).toContain('there is no such directory');
  });

  test('and can listen once the address is free', async () => {
    const held = await serve([SlowController]);
    const [bind = ''] = held.endpoints;
    const server = new FreelanceTransportServer({ bind });
    const listening = () => new Promise((resolve) => server.listen(resolve));
    expect(await listening()).toMatchObject({ code: 'EADDRINUSE' });
    await held[Symbol.asyncDispose]();
    expect(await listening()).toBeUndefined();
    await server.close();
  });
});

describe('the error of a call whose deadline has passed', () => {
  test('advises more time rather than a longer attempt', async () => {
    await using served = await serve([SlowController]);
    using client = connectTo(served.endpoints);
    await client.connect();
    const call = client.send('slow', new FreelanceRecordBuilder({}).setTimeout(1000).build());
    const error = await errorOf(lastValueFrom(call));
    expect(error).toMatchObject({ code: 'ETIMEDOUT' });
    expect(error.message).toContain('Its deadline has passed');
    expect(error.message).not.toContain('requestTimeout');
    expect(error.attempts).toHaveLength(1);
  });

  test('says that it did not run and how the servers are, if it found none, and blames no handler', async () => {
    using client = connectTo(['tcp://127.0.0.1:1']);
    const call = client.send('slow', new FreelanceRecordBuilder({}).setTimeout(1000).build());
    const error = await errorOf(lastValueFrom(call));
    expect(error).toMatchObject({ code: 'ETIMEDOUT', attempts: [] });
    expect(error.message).toContain('found no server before its deadline, and did not run');
    expect(error.message).toContain('tcp://127.0.0.1:1 is dead (the connection was refused)');
    expect(error.message).not.toContain('handler');
  });
});
