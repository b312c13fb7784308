import { Controller } from '@nestjs/common';
import { MessagePattern, Payload } from '@nestjs/microservices';
import { randomBytes } from 'node:crypto';
import { connect } from 'node:net';
import { firstValueFrom } from 'rxjs';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { Dealer, Router } from 'zeromq';
import { eventually } from '../support/eventually.js';
import { connectTo, serve, type Served } from '../support/nest.js';

@Controller()
class EchoController {
  @MessagePattern('echo')
  echo(@Payload() value: unknown) {
    return value;
  }

  @MessagePattern('REQUEST')
  raw(@Payload() text: string) {
    return text.length;
  }
}

const deep = (open: string, close: string, depth = 200_000) =>
  `${open.repeat(depth)}1${close.repeat(depth)}`;
const deepObject = deep('{"a":', '}');
const headers = (json: object) => JSON.stringify({ pattern: 'echo', ...json });

describe('a server', () => {
  let server: Served;
  let honest: ReturnType<typeof connectTo>;
  let attacker: Dealer;

  beforeAll(async () => {
    server = await serve([EchoController]);
    honest = connectTo(server.endpoints);
    attacker = new Dealer({ linger: 0 });
    attacker.connect(server.endpoints[0] ?? '');
  });

  afterAll(async () => {
    attacker.close();
    honest.close();
    await server[Symbol.asyncDispose]();
  });

  const dropped = () => server.strategy.stats().dropped;
  const total = () => Object.values(dropped()).reduce((sum, count) => sum + count, 0);

  test.each([
    ['no-delimiter', ['PING']],
    ['no-delimiter', ['x', 'PING']],
    ['unknown-command', ['', '']],
    ['unknown-command', ['', 'ping']],
    ['unknown-command', ['', 'PONG', 'server']],
    ['wrong-frame-count', ['', 'REQUEST']],
    ['wrong-frame-count', ['', 'PING', 'id']],
    ['wrong-frame-count', ['', 'PING', 'id', 'time', '{}', 'more']],
    ['wrong-frame-count', ['', 'REQUEST', ...Array.from({ length: 1000 }, String)]],
    ['invalid-utf8', ['', 'REQUEST', Buffer.from([0xc0, 0x80])]],
    ['invalid-utf8', ['', 'REQUEST', 'id', '1', Buffer.from([0xff])]],
    ['invalid-json', ['', 'REQUEST', 'id', '1', '{"pattern":']],
    ['invalid-json', ['', 'REQUEST', 'id', '{', headers({})]],
    ['invalid-hello', ['', 'PING', 'id', 'time', '[1]']],
    ['invalid-headers', ['', 'REQUEST', 'id', '1', '[]']],
    ['invalid-headers', ['', 'REQUEST', 'id', '1', '{}']],
    ['invalid-headers', ['', 'REQUEST', 'id', '1', headers({ timeout: -1 })]],
    ['invalid-headers', ['', 'REQUEST', 'id', '1', headers({ attempt: 'many' })]],
    ['invalid-headers', ['', 'REQUEST', 'id', '1', `{"pattern":${deepObject}}`]],
  ] as const)('counts and drops a message with %s', async (reason, frames) => {
    const before = dropped()[reason] ?? 0;
    await attacker.send([...frames]);
    await eventually(() => expect(dropped()[reason]).toBe(before + 1));
    expect(await firstValueFrom(honest.send('echo', 'still here'))).toBe('still here');
  });

  test('serves deep JSON as far as it can', async () => {
    await attacker.send(['', 'REQUEST', 'deep', deep('[', ']'), headers({})]);
    const [, , id, body, replyHeaders] = await attacker.receive();
    expect([id, replyHeaders].map(String)).toEqual(['deep', '{"status":"error"}']);
    expect(String(body)).toContain('cannot be written as JSON');
    await attacker.send(['', 'REQUEST', 'id', `{"pattern":${deepObject}}`]);
    expect((await attacker.receive()).map(String)).toEqual([
      '',
      'REPLY',
      'id',
      String(12 + deepObject.length),
    ]);
  });

  test('treats keys that name prototypes as plain keys', async () => {
    const hostile = '{"__proto__":{"polluted":true},"constructor":{"prototype":{"polluted":true}}}';
    await attacker.send(['', 'REQUEST', 'p', hostile, `{"pattern":"echo","metadata":${hostile}}`]);
    const [, , , body] = await attacker.receive();
    expect(String(body)).toBe(hostile);
    expect({}).not.toHaveProperty('polluted');
  });

  test('survives random frames and keeps serving others', async () => {
    const before = total();
    const answers: number[] = [];
    for (let i = 0; i < 2000; i++) {
      const frames = Array.from({ length: i % 6 }, () => randomBytes(i % 40));
      await attacker.send([Buffer.alloc(0), randomBytes(4), ...frames]);
      if (i % 100 === 0) answers.push(await firstValueFrom(honest.send<number>('echo', i)));
    }
    expect(answers).toEqual(Array.from({ length: 20 }, (_, index) => index * 100));
    await eventually(() => expect(total()).toBe(before + 2000));
  });

  test('survives bytes that are not ZMTP', async () => {
    const port = Number(server.endpoints[0]?.split(':').at(-1));
    for (const bytes of ['GET / HTTP/1.1\r\n\r\n', randomBytes(10_000), Buffer.from([0xff, 0])]) {
      const socket = connect(port, '127.0.0.1').resume();
      socket.end(bytes);
      await new Promise((resolve) => socket.on('error', resolve).on('close', resolve));
    }
    expect(await firstValueFrom(honest.send('echo', 'still here'))).toBe('still here');
  });
});

describe('a client', () => {
  test('drops malformed messages of one server and is served by the other', async () => {
    await using good = await serve([EchoController]);
    const bad = new Router();
    await bad.bind('tcp://127.0.0.1:*');
    const speaksNonsense = (async () => {
      for await (const [peer = '', , command, ...args] of bad) {
        if (String(command) === 'PING') {
          await bad.send([peer, '', 'PONG', 'foreign id', 'time', '{}']);
          await bad.send([peer, '', 'PONG', ...args, 'too', 'many']);
          await bad.send([peer, '', 'PONG', ...args.slice(0, 2), '{"state":"who knows"}']);
          await bad.send([peer, 'PONG']);
          await bad.send([peer, '', 'REPLY', 'nobody', '1', '{"status":"last"}']);
          await bad.send([peer, '', 'REPLY', 'nobody', '1', '{"status":"perhaps"}']);
          await bad.send([peer, '', 'REPLY', 'nobody', '1', deepObject]);
          await bad.send([peer, '', 'HELLO']);
          await bad.send([peer, '', 'PONG', Buffer.from([0xff])]);
        }
      }
    })();
    using client = connectTo([bad.lastEndpoint ?? '', ...good.endpoints]);
    expect(await firstValueFrom(client.send('echo', 'hello'))).toBe('hello');
    await eventually(() =>
      expect(client.stats().dropped).toMatchObject({
        'unknown-pong': 1,
        'wrong-frame-count': 1,
        'invalid-hello': 1,
        'no-delimiter': 1,
        'unknown-reply': 1,
        'invalid-headers': 2,
        'unknown-command': 1,
        'invalid-utf8': 1,
      }),
    );
    expect(client.stats().endpoints[bad.lastEndpoint ?? '']?.state).toBe('connecting');
    bad.close();
    await speaksNonsense;
  });
});
