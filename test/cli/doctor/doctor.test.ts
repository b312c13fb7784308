import { once } from 'node:events';
import { createServer as createHttpServer } from 'node:http';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { type AddressInfo, createServer, type Server, type Socket } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createServer as createTlsServer } from 'node:tls';
import { Controller } from '@nestjs/common';
import { MessagePattern } from '@nestjs/microservices';
import { AtMostOnce, type FreelanceServerOptions, generateCurveKeyPair } from 'nestjs-freelance';
import { Publisher, Reply, Router } from 'zeromq';
import { afterEach, describe, expect, test } from 'vitest';
import { diagnose, type DoctorOptions, thisSystem } from '../../../lib/cli/doctor/doctor.js';
import type { StepReport } from '../../../lib/cli/doctor/examination.js';
import { daysFromNow, makeCertificate } from '../../support/certificates.js';
import { eventually } from '../../support/eventually.js';
import { serve } from '../../support/nest.js';
import { freeEndpoint } from '../../support/ports.js';
import { curveClient, curveServer, keys } from '../../support/security.js';
import { pki, tlsClient, tlsServer } from '../../support/tls.js';

/** Long, for a busy machine; steps that are meant to time out have less. */
const PATIENCE_MS = 60_000;
const SHORT_MS = 200;

/** For a step that times out after the peer has said its part, which takes a busy machine longer. */
const PART_MS = 2000;

@Controller()
class EchoController {
  @MessagePattern('echo')
  echo(data: unknown) {
    return data;
  }
}

const serveEcho = (options: Partial<FreelanceServerOptions> = {}) =>
  serve([EchoController], options);

const look = (endpoint: string, options: Partial<DoctorOptions> = {}) =>
  diagnose({ endpoint, timeoutMs: PATIENCE_MS, ...options });

/** The step that failed, with its advice as one text. */
async function failureOf(endpoint: string, options: Partial<DoctorOptions> = {}) {
  const { isFine, steps } = await look(endpoint, options);
  const failed = steps.at(-1);
  expect(isFine).toBe(false);
  expect(failed?.outcome).toBe('failed');
  const { step, summary = '', advice = [], facts } = failed ?? ({} as Partial<StepReport>);
  expect(advice.length).toBeGreaterThan(0);
  return { step, summary, advice: advice.join('\n'), facts };
}

const stepOf = (steps: readonly StepReport[], name: string) =>
  steps.find(({ step }) => step === name);

const closing: (() => unknown)[] = [];
afterEach(async () => {
  for (const close of closing.splice(0)) await close();
});

/** A server that does this with each connection. */
async function listen(server: Server): Promise<string> {
  const sockets = new Set<Socket>();
  server.on('connection', (socket) => sockets.add(socket.on('error', () => {})));
  await once(server.listen(0, '127.0.0.1'), 'listening');
  closing.push(() => {
    for (const socket of sockets) socket.destroy();
    server.close();
  });
  return `tcp://127.0.0.1:${(server.address() as AddressInfo).port}`;
}

async function folder(): Promise<string> {
  const path = await mkdtemp(join(tmpdir(), 'doctor-'));
  closing.push(() => rm(path, { recursive: true }));
  return path;
}

describe('of a server that can be called, the doctor says', () => {
  test('each step, in the order of the way there', async () => {
    await using server = await serveEcho({ serverId: 'one', maxMessageSize: 2 ** 20 });
    const told: string[] = [];
    const { isFine, steps } = await diagnose(
      { endpoint: server.endpoints[0] ?? '', timeoutMs: PATIENCE_MS },
      ({ step }) => told.push(step),
    );
    expect(isFine).toBe(true);
    expect(told).toEqual([
      'address',
      'name',
      'connection',
      'greeting',
      'handshake',
      'hello',
      'clock',
      'latency',
    ]);
    expect(stepOf(steps, 'greeting')?.facts).toEqual({ zmtp: '3.1', mechanism: 'NULL' });
    expect(stepOf(steps, 'handshake')?.facts).toEqual({ mechanism: 'NULL', socketType: 'ROUTER' });
    expect(stepOf(steps, 'hello')?.facts).toMatchObject({
      dialect: 'negotiated',
      serverId: 'one',
      state: 'ready',
      maxMessageSize: 2 ** 20,
    });
    expect(stepOf(steps, 'latency')?.facts).toMatchObject({ sent: 20, lost: 0 });
  });

  test('says how many patterns run at most once', async () => {
    @Controller()
    class CardController {
      @AtMostOnce()
      @MessagePattern('charge')
      charge(data: unknown) {
        return data;
      }
    }
    await using server = await serve([CardController]);
    const { steps } = await look(server.endpoints[0] ?? '');
    expect(stepOf(steps, 'hello')?.notes).toContain('It runs at most once: 1 pattern.');
  });

  test('the same over ipc://, without a name', async () => {
    const path = join(await folder(), 'socket');
    await using server = await serveEcho({ bind: `ipc://${path}` });
    const { isFine, steps } = await look(server.endpoints[0] ?? '');
    expect(isFine).toBe(true);
    expect(steps.map(({ step }) => step)).not.toContain('name');
    expect(stepOf(steps, 'address')?.summary).toContain(`${path} is a socket`);
  });

  test('the same with CURVE', async () => {
    await using server = await serveEcho({ security: curveServer([keys.alice.publicKey]) });
    const { isFine, steps } = await look(server.endpoints[0] ?? '', {
      security: curveClient(keys.alice),
    });
    expect(isFine).toBe(true);
    expect(stepOf(steps, 'handshake')?.summary).toContain('accepts ours');
  });

  test('the same with TLS, and when its certificate expires', async () => {
    await using server = await serveEcho(tlsServer([pki.alice.fingerprint256]));
    const { isFine, steps } = await look(server.endpoints[0] ?? '', tlsClient(pki.alice));
    expect(isFine).toBe(true);
    expect(stepOf(steps, 'tls')?.facts).toMatchObject({
      protocol: 'TLSv1.3',
      certificate: { subject: 'server' },
    });
    // The certificates of the tests are valid for a day.
    expect(stepOf(steps, 'tls')?.warnings).toEqual([expect.stringMatching(/expires in 1 days/u)]);
  });

  test('whether the two clocks agree, if the server tells its time', async () => {
    await using server = await serveEcho({ introspection: true });
    const { steps } = await look(server.endpoints[0] ?? '');
    const { outcome, facts, warnings } = stepOf(steps, 'clock') ?? {};
    expect(outcome).toBe('passed');
    expect(warnings).toEqual([]);
    // It is the same clock; both times are whole milliseconds.
    const { offsetMs, errorMs } = facts as { offsetMs: number; errorMs: number };
    expect(Math.abs(offsetMs)).toBeLessThan(errorMs + 2);
  });

  test('that the clocks are far apart', async () => {
    await using server = await serveEcho({ introspection: true });
    const system = { ...thisSystem, wall: () => Date.now() - 3_600_000 };
    const options = { endpoint: server.endpoints[0] ?? '', timeoutMs: PATIENCE_MS };
    const { isFine, steps } = await diagnose(options, () => {}, system);
    expect(isFine).toBe(true);
    expect(stepOf(steps, 'clock')?.summary).toMatch(/3600\.\d s ahead of this one/u);
    expect(stepOf(steps, 'clock')?.warnings).toEqual([expect.stringContaining('NTP')]);
  });

  test('nothing of the clock, if the server does not tell', async () => {
    await using server = await serveEcho({ introspection: false });
    const { isFine, steps } = await look(server.endpoints[0] ?? '');
    expect(isFine).toBe(true);
    expect(stepOf(steps, 'clock')).toMatchObject({ outcome: 'skipped' });
    expect(stepOf(steps, 'clock')?.summary).toContain('`introspection` is off');
  });

  test('that the first of its addresses does not work, if the second does', async () => {
    await using server = await serveEcho();
    const port = Number(server.endpoints[0]?.split(':').at(-1));
    // Nobody listens at 127.0.0.2, which Linux has on its loopback, too.
    const addresses = [
      { address: '127.0.0.2', family: 4 },
      { address: '127.0.0.1', family: 4 },
    ];
    const names = {
      ...thisSystem.names,
      resolver: {
        resolve: (
          _host: string,
          _ms: number,
          done: (found: { addresses: typeof addresses }) => void,
        ) => {
          done({ addresses });
          return () => {};
        },
      },
    };
    const { isFine, steps } = await diagnose(
      { endpoint: `tcp://inventory:${port}`, timeoutMs: PATIENCE_MS },
      () => {},
      { ...thisSystem, names },
    );
    expect(isFine).toBe(true);
    expect(stepOf(steps, 'connection')?.warnings).toEqual([
      expect.stringMatching(/127\.0\.0\.2.*refused/u),
    ]);
  });
});

describe('the doctor fails at the address', () => {
  test.each([
    ['127.0.0.1:5555', /Write tcp:\/\/127\.0\.0\.1:5555/u],
    ['http://127.0.0.1:5555', /that the server binds for ZeroMQ/u],
    ['tcp://::1:5555', /brackets: tcp:\/\/\[::1\]/u],
    ['tcp://*:5555', /means every interface/u],
    ['tcp://inventory', /tcp:\/\/inventory:5555/u],
    ['/run/inventory.sock', /ipc:\/\/\/run\/inventory\.sock/u],
    ['nonsense', /tcp:\/\/HOST:PORT/u],
    ['inproc://here', /client\.stats\(\)/u],
    ['ipc://@abstract', /Use a path/u],
  ])('%s', async (endpoint, advice) => {
    expect(await failureOf(endpoint)).toMatchObject({
      step: 'address',
      advice: expect.stringMatching(advice) as string,
    });
  });

  test('if the path of ipc:// does not exist', async () => {
    const path = join(await folder(), 'missing');
    const failure = await failureOf(`ipc://${path}`);
    expect(failure.step).toBe('address');
    expect(failure.summary).toContain('there is no such path');
    expect(failure.advice).toContain('Start the server');
  });

  test('if the path is a plain file', async () => {
    const path = join(await folder(), 'file');
    await writeFile(path, '');
    expect((await failureOf(`ipc://${path}`)).summary).toContain(
      `${path} is a file, and no socket`,
    );
  });

  test('if it does not fit the security', async () => {
    const failure = await failureOf('tls://127.0.0.1:5555', { security: curveClient(keys.alice) });
    expect(failure.step).toBe('address');
    expect(failure.summary).toContain('tls://');
  });
});

test('the doctor fails at a name that does not resolve', async () => {
  const failure = await failureOf('tcp://no-such-host.invalid:5555');
  expect(failure.step).toBe('name');
  expect(failure.summary).toMatch(/no-such-host\.invalid/u);
});

describe('the doctor fails at the connection', () => {
  test('if nobody listens at the port', async () => {
    const failure = await failureOf(await freeEndpoint());
    expect(failure).toMatchObject({ step: 'connection' });
    expect(failure.summary).toContain('refused (ECONNREFUSED)');
    expect(failure.advice).toContain('Start the server, or correct the port');
  });

  test('if the socket of an ipc:// path is left over from a server that has ended', async () => {
    const path = join(await folder(), 'socket');
    const { Child } = await import('../../support/child.js');
    // Node removes the path of a server that is closed, but not that of a process that is killed.
    const child = new Child(process.execPath, [
      '-e',
      `require('net').createServer().listen(${JSON.stringify(path)}, () => console.log('1'))`,
    ]);
    await child.nextLine();
    await child.kill();
    const failure = await failureOf(`ipc://${path}`);
    expect(failure.step).toBe('connection');
    expect(failure.advice).toContain('left over');
  });
});

describe('the doctor fails at TLS', () => {
  const tlsListener = async (names: readonly string[], to: Date) => {
    const { cert, key } = makeCertificate({
      cn: 'server',
      names,
      by: pki.ca,
      to,
      from: daysFromNow(-9),
    });
    const endpoint = await listen(createTlsServer({ cert, key }));
    return endpoint.replace('tcp:', 'tls:');
  };

  test('if the certificate has expired', async () => {
    const endpoint = await tlsListener(['127.0.0.1'], daysFromNow(-1));
    const failure = await failureOf(endpoint, tlsClient());
    expect(failure).toMatchObject({ step: 'tls' });
    expect(failure.summary).toContain('has expired');
    expect(failure.advice).toContain('Renew it at the server');
    expect(failure.facts).toMatchObject({ certificate: { subject: 'server' } });
  });

  test('if the certificate has another name', async () => {
    const endpoint = await tlsListener(['inventory.example'], daysFromNow(1));
    const failure = await failureOf(endpoint, tlsClient());
    expect(failure).toMatchObject({ step: 'tls' });
    expect(failure.advice).toContain('DNS:inventory.example');
    expect(failure.advice).toContain('Call the server by a name that is in it');
  });

  test('if the authority is not trusted, which is the case without --tls-ca', async () => {
    const endpoint = await tlsListener(['127.0.0.1'], daysFromNow(1));
    const failure = await failureOf(endpoint);
    expect(failure).toMatchObject({ step: 'tls' });
    expect(failure.advice).toContain('--tls-ca');
  });

  test('if the server has no TLS', async () => {
    await using server = await serveEcho();
    const failure = await failureOf(
      (server.endpoints[0] ?? '').replace('tcp:', 'tls:'),
      tlsClient(),
    );
    expect(failure.step).toBe('tls');
    expect(failure.summary).toContain('does not speak TLS');
  });
});

describe('the doctor fails at the greeting', () => {
  test('of a web server', async () => {
    const failure = await failureOf(await listen(createHttpServer() as Server));
    expect(failure).toMatchObject({ step: 'greeting' });
    expect(failure.summary).toContain(
      'speaks HTTP (a response), not ZMTP; it says "HTTP/1.1 400 Bad Request"',
    );
    expect(failure.advice).toContain('hybrid');
  });

  test('of a web server that answers with a page alone', async () => {
    const server = createServer((socket) =>
      socket.once('data', () => socket.end('<!DOCTYPE HTML>\n<p>')),
    );
    const failure = await failureOf(await listen(server));
    expect(failure.summary).toBe('the peer does not speak ZMTP; it says "<!DOCTYPE HTML>"');
    expect(failure.advice).toContain('hybrid');
  });

  test('of a TLS server', async () => {
    const { cert, key } = pki.server;
    const failure = await failureOf(await listen(createTlsServer({ cert, key })));
    expect(failure).toMatchObject({ step: 'greeting' });
    expect(failure.summary).toContain('speaks TLS');
    expect(failure.advice).toContain('Write tls://');
  });

  test('of a server that speaks first', async () => {
    const ssh = createServer((socket) => socket.write('SSH-2.0-Test_\u001B[31m\r\n'));
    const failure = await failureOf(await listen(ssh));
    expect(failure.summary).toContain('speaks SSH, not ZMTP; it says "SSH-2.0-Test_\\x1b[31m"');
  });

  test('of a server that waits for a line, such as Redis', async () => {
    const redis = createServer((socket) =>
      socket.on(
        'data',
        (bytes) => bytes.includes('\n') && socket.write('-ERR unknown command\r\n'),
      ),
    );
    expect((await failureOf(await listen(redis))).summary).toContain('speaks Redis or NATS');
  });

  test('of ZeroMQ 2', async () => {
    const old = createServer((socket) => socket.write(Buffer.from([1, 0])));
    const failure = await failureOf(await listen(old));
    expect(failure.summary).toContain('ZMTP 1');
    expect(failure.advice).toContain('Update it');
  });

  test('of a server that says nothing', async () => {
    const failure = await failureOf(await listen(createServer()), { timeoutMs: SHORT_MS });
    expect(failure).toMatchObject({ step: 'greeting' });
    expect(failure.summary).toContain('says nothing for 200 ms');
    expect(failure.advice).toContain('event loop');
  });

  test('of a service that sends back what it is sent', async () => {
    const echo = createServer((socket) => socket.pipe(socket));
    const failure = await failureOf(await listen(echo), { timeoutMs: PART_MS });
    expect(failure).toMatchObject({ step: 'greeting' });
    expect(failure.summary).toMatch(/says no more than \d+ bytes in 2000 ms/u);
    expect(failure.advice).toContain('echo service');
  });

  test('of a server that hangs up', async () => {
    const failure = await failureOf(await listen(createServer((socket) => socket.destroy())));
    expect(failure.step).toMatch(/connection|greeting/u);
    expect(failure.advice).toContain('proxy');
  });

  test('of a server with CURVE, without security', async () => {
    await using server = await serveEcho({ security: curveServer('any') });
    const failure = await failureOf(server.endpoints[0] ?? '');
    expect(failure).toMatchObject({ step: 'greeting', facts: { mechanism: 'CURVE' } });
    expect(failure.summary).toBe('the server has CURVE, and this client has no security (NULL)');
    expect(failure.advice).toContain('--curve-server-key');
  });

  test('of a server of libzmq with CURVE, without security', async () => {
    await using server = await serveEcho({ engine: 'libzmq', security: curveServer('any') });
    expect((await failureOf(server.endpoints[0] ?? '')).summary).toContain('the server has CURVE');
  });

  test('of a server with PLAIN, without security', async () => {
    const security = { mechanism: 'plain', authorizedUsers: { alice: 'wonder' } } as const;
    await using server = await serveEcho({ security });
    expect((await failureOf(server.endpoints[0] ?? '')).advice).toContain('--plain-username');
  });

  test('of a server without security, with CURVE', async () => {
    await using server = await serveEcho();
    const failure = await failureOf(server.endpoints[0] ?? '', {
      security: curveClient(keys.alice),
    });
    expect(failure.summary).toBe('the server has no security (NULL), and this client has CURVE');
    expect(failure.advice).toContain('Leave the flags of security out');
  });
});

describe('the doctor fails at the handshake', () => {
  test.each(['node', 'libzmq'] as const)(
    'with the wrong server key, of the engine %s',
    async (engine) => {
      await using server = await serveEcho({
        engine,
        security: curveServer([keys.alice.publicKey]),
      });
      const security = curveClient(keys.alice, generateCurveKeyPair().publicKey);
      const failure = await failureOf(server.endpoints[0] ?? '', { security });
      expect(failure).toMatchObject({ step: 'handshake', facts: { code: 'wrong-server-key' } });
      expect(failure.summary).toContain('--curve-server-key is not its public key');
    },
  );

  test.each(['node', 'libzmq'] as const)(
    'with a key that is not authorized, of the engine %s',
    async (engine) => {
      await using server = await serveEcho({ engine, security: curveServer([]) });
      const failure = await failureOf(server.endpoints[0] ?? '', {
        security: curveClient(keys.alice),
      });
      expect(failure).toMatchObject({ step: 'handshake', facts: { code: 'refused' } });
      expect(failure.advice).toContain(
        `authorizedClients of the server, or server.authorize() it: ${keys.alice.publicKey}`,
      );
    },
  );

  test('with the wrong password', async () => {
    const authorizedUsers = { alice: 'wonder' };
    await using server = await serveEcho({ security: { mechanism: 'plain', authorizedUsers } });
    const security = { mechanism: 'plain', username: 'alice', password: 'wrong' } as const;
    const failure = await failureOf(server.endpoints[0] ?? '', { security });
    expect(failure).toMatchObject({ step: 'handshake' });
    expect(failure.advice).toContain('authorizedUsers');
    expect(JSON.stringify(failure)).not.toContain('wrong"');
  });

  test('if the server cannot tell whether to admit', async () => {
    const authorizedClients = () => {
      throw new Error('the database is gone');
    };
    await using server = await serveEcho({ security: curveServer(authorizedClients) });
    const failure = await failureOf(server.endpoints[0] ?? '', {
      security: curveClient(keys.alice),
    });
    expect(failure).toMatchObject({ step: 'handshake' });
    expect(failure.advice).toContain('log of the server');
  });

  test('with a certificate that is not authorized', async () => {
    await using server = await serveEcho(tlsServer([]));
    const failure = await failureOf(server.endpoints[0] ?? '', tlsClient(pki.alice));
    expect(failure).toMatchObject({ step: 'handshake' });
    expect(failure.advice).toContain(pki.alice.fingerprint256);
  });

  test('with a server that greets, and then says nothing', async () => {
    const { encodeGreeting } = await import('../../../lib/zmtp/greeting.js');
    const { nullMechanism } = await import('../../../lib/zmtp/null-mechanism.js');
    const greeting = encodeGreeting(nullMechanism({ socketType: 'ROUTER' }));
    const endpoint = await listen(createServer((socket) => socket.write(greeting)));
    const failure = await failureOf(endpoint, { timeoutMs: PART_MS });
    expect(failure).toMatchObject({ step: 'handshake' });
    expect(failure.summary).toContain('does not complete the handshake within 2000 ms');
  });

  test('with a PUB', async () => {
    const publisher = new Publisher({ linger: 0 });
    await publisher.bind('tcp://127.0.0.1:*');
    closing.push(() => publisher.close());
    const failure = await failureOf(publisher.lastEndpoint ?? '');
    expect(failure).toMatchObject({ step: 'handshake' });
    expect(failure.summary).toContain('PUB');
    expect(failure.advice).toContain('binds a ROUTER');
  });
});

describe('the doctor fails at the hello', () => {
  test('of a REP, and shows what it answers', async () => {
    const rep = new Reply({ linger: 0 });
    await rep.bind('tcp://127.0.0.1:*');
    closing.push(() => rep.close());
    void (async () => {
      for await (const [,] of rep) await rep.send('what do you mean?');
    })();
    const failure = await failureOf(rep.lastEndpoint ?? '');
    expect(failure).toMatchObject({ step: 'hello', facts: { socketType: 'REP' } });
    expect(failure.summary).toContain('"what do you mean?"');
    expect(failure.advice).toContain('this is a REP');
  });

  test('of a ROUTER that knows no PING', async () => {
    const router = new Router({ linger: 0 });
    await router.bind('tcp://127.0.0.1:*');
    closing.push(() => router.close());
    const failure = await failureOf(router.lastEndpoint ?? '', { timeoutMs: PART_MS });
    expect(failure).toMatchObject({ step: 'hello', facts: { socketType: 'ROUTER' } });
    expect(failure.summary).toContain('no PONG within 2000 ms: it is a ZeroMQ socket, a ROUTER');
  });

  test('of a server that is not ready', async () => {
    @Controller()
    class UnreadyController {
      @MessagePattern('PING')
      isReady() {
        return false;
      }
    }
    await using server = await serve([UnreadyController]);
    const failure = await failureOf(server.endpoints[0] ?? '');
    expect(failure).toMatchObject({ step: 'hello', facts: { state: 'unready' } });
    expect(failure.summary).toContain('not ready');
  });

  test('of a server that drains', async () => {
    let begun = () => {};
    let end = () => {};
    const isBusy = new Promise<void>((resolve) => (begun = resolve));
    const mayEnd = new Promise<void>((resolve) => (end = resolve));
    @Controller()
    class BusyController {
      @MessagePattern('work')
      async work() {
        begun();
        await mayEnd;
        return true;
      }
    }
    const { connectTo } = await import('../../support/nest.js');
    const { firstValueFrom } = await import('rxjs');
    const server = await serve([BusyController], { drainTimeout: 600_000 });
    const endpoint = server.endpoints[0] ?? '';
    using client = connectTo([endpoint]);
    const answer = firstValueFrom(client.send('work', {}));
    await isBusy;
    const closed = server[Symbol.asyncDispose]();
    const failure = await eventually(async () => {
      const found = await failureOf(endpoint);
      expect(found.facts).toMatchObject({ state: 'draining' });
      return found;
    });
    expect(failure.summary).toContain('draining');
    end();
    expect(await answer).toBe(true);
    await closed;
  });
});
