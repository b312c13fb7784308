import { Controller, type Type } from '@nestjs/common';
import { MessagePattern, Payload, RpcException } from '@nestjs/microservices';
import type { FreelanceServerOptions } from 'nestjs-freelance';
import { concat, EMPTY, firstValueFrom, from, ignoreElements, Subject, timer } from 'rxjs';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { eventually } from '../support/eventually.js';
import { connectTo, serve, type Served } from '../support/nest.js';
import { freeEndpoint } from '../support/ports.js';
import {
  OLDER_DIALECTS,
  type OlderDialect,
  describeWithPython,
  type Peer,
  startClient,
} from './python.js';

const NO_HANDLER = {
  status: 'error',
  message: 'There is no matching message handler defined in the remote service.',
};

@Controller()
class AnswersController {
  readonly #released = new Subject<string>();

  @MessagePattern('same')
  same(@Payload() value: unknown) {
    return value;
  }

  @MessagePattern({ cmd: 'object', version: 2 })
  object(@Payload() value: unknown) {
    return value;
  }

  @MessagePattern('type')
  type(@Payload() value: unknown) {
    return typeof value;
  }

  @MessagePattern('each')
  each(@Payload() values: unknown[]) {
    return from(values);
  }

  /** Nest learns that a value was the last one only after it has sent it. */
  @MessagePattern('each, and later the end')
  eachAndLaterTheEnd(@Payload() values: unknown[]) {
    return concat(from(values), timer(1).pipe(ignoreElements()));
  }

  @MessagePattern('none')
  none() {
    return EMPTY;
  }

  @MessagePattern('nothing')
  nothing() {}

  @MessagePattern('bytes')
  bytes(@Payload() values: number[]) {
    return Buffer.from(values);
  }

  @MessagePattern('rpc exception')
  rpcException(@Payload() error: string | object) {
    throw new RpcException(error);
  }

  @MessagePattern('error')
  error() {
    throw new Error('secret');
  }

  /** Answers once `release` is called, with the argument of that call. */
  @MessagePattern('wait')
  wait() {
    return firstValueFrom(this.#released);
  }

  @MessagePattern('release')
  release(@Payload() word: string) {
    this.#released.next(word);
    return 'released';
  }

  @MessagePattern('REQUEST')
  raw(@Payload() text: string | string[]) {
    return `heard ${String(text)}`;
  }
}

/** The output of the clients: for a request of either dialect, and for a PING of the tracked one. */
interface Line {
  readonly endpoint?: string;
  readonly request?: unknown;
  readonly reply?: string;
  readonly error?: string;
  readonly ping?: string[];
  readonly pong?: string | string[];
}

/** A server for clients of all dialects. Those of the guide address it by what they connect to. */
async function serveAll(controllers: Type[], options: Partial<FreelanceServerOptions> = {}) {
  const bind = await freeEndpoint();
  return serve(controllers, { bind, guideIdentity: bind, ...options });
}

/** A client in Python with requests to make: the basic one makes one at a time, the others all at once. */
class PythonClient implements AsyncDisposable {
  static async start(dialect: OlderDialect, { endpoints }: Pick<Served, 'endpoints'>) {
    return new PythonClient(dialect, await startClient(dialect, endpoints));
  }

  constructor(
    private readonly dialect: OlderDialect,
    private readonly peer: Peer,
  ) {}

  tell(requests: readonly unknown[]): void {
    if (this.dialect !== 'basic') this.peer.child.tell(requests);
    else for (const request of requests) this.peer.child.tell(request);
  }

  async nextLine(): Promise<Line> {
    return (await this.peer.child.nextLine()) as Line;
  }

  /** Its output for each request, in order of arrival. */
  async askAll(requests: readonly unknown[]): Promise<Line[]> {
    this.tell(requests);
    const lines: Line[] = [];
    while (lines.length < requests.length) {
      const line = await this.nextLine();
      if (!line.ping) lines.push(line);
    }
    return lines;
  }

  async ask(request: unknown): Promise<unknown> {
    const [line] = await this.askAll([request]);
    return line?.reply ?? line?.error;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.peer.child.kill();
  }
}

const packet = (pattern: unknown, data?: unknown) => ({ pattern, data });

describeWithPython.each(OLDER_DIALECTS)('a %s client in Python and a Nest server', (dialect) => {
  let server: Served;
  let client: PythonClient;

  beforeAll(async () => {
    server = await serveAll([AnswersController], { serverId: 'nest' });
    client = await PythonClient.start(dialect, server);
  });

  afterAll(async () => {
    await client[Symbol.asyncDispose]();
    await server[Symbol.asyncDispose]();
  });

  const askedForJson = async (request: unknown): Promise<unknown> =>
    JSON.parse(String(await client.ask(request)));

  test.each([
    ['a number', 42],
    ['false', false],
    ['null', null],
    ['an empty array', []],
    ['a nested value', { a: [1, { b: null, c: ['', {}] }], text: 'grüße 🌍' }],
  ])('%s reaches the handler in a packet and returns as JSON', async (_what, value) => {
    expect(await askedForJson(packet('same', value))).toEqual(value);
  });

  test('a packet without data reaches the handler', async () => {
    expect(await client.ask(packet('type'))).toBe('undefined');
  });

  test('a pattern may be an object, with keys in any order', async () => {
    expect(await client.ask(packet({ version: 2, cmd: 'object' }, 'x'))).toBe('x');
  });

  test.each(['', '42', 'grüße 🌍', '"quoted"'])(
    'a string is replied unchanged: %j',
    async (text) => {
      expect(await client.ask(packet('same', text))).toBe(text);
    },
  );

  test('bytes are replied unchanged', async () => {
    expect(await client.ask(packet('bytes', [0x66, 0x00, 0xfe, 0xff]))).toBe('f\u0000\\xfe\\xff');
  });

  test.each(['raw', '', 'grüße 🌍', '42', '[1]', '{"no":"packet"}', '{"pattern":'])(
    'text that is not a packet reaches the handler of REQUEST: %j',
    async (text) => {
      expect(await client.ask(text)).toBe(`heard ${text}`);
    },
  );

  test.each(['each', 'each, and later the end'])(
    'the last of several values is replied: %s',
    async (pattern) => {
      expect(await client.ask(packet(pattern, [1, 2, 3]))).toBe('3');
    },
  );

  test.each(['none', 'nothing'])(
    'an empty body is replied if there is no value: %s',
    async (pattern) => {
      expect(await client.ask(packet(pattern))).toBe('');
    },
  );

  test.each([
    ['rpc exception', 'no such thing', { status: 'error', message: 'no such thing' }],
    ['rpc exception', { code: 17 }, { status: 'error', message: 'The handler failed', code: 17 }],
    ['error', {}, { status: 'error', message: 'Internal server error' }],
  ])('errors are replied as the JSON that Nest sends: %s %j', async (pattern, data, error) => {
    expect(await askedForJson(packet(pattern, data))).toEqual(error);
  });

  test.each(['unknown', { cmd: 'unknown' }])(
    "a pattern without a handler is answered with Nest's message: %j",
    async (pattern) => {
      expect(await askedForJson(packet(pattern))).toEqual(NO_HANDLER);
    },
  );
});

describeWithPython('Python clients and a Nest server', () => {
  test('a PING of the basic dialect is answered with the id of the server', async () => {
    await using server = await serveAll([AnswersController], { serverId: 'nest' });
    await using client = await PythonClient.start('basic', server);
    client.tell(['raw']);
    expect(await client.nextLine()).toEqual({
      endpoint: server.endpoints[0],
      pong: 'nest',
      reply: 'heard raw',
    });
  });

  test('a PING of the tracked dialect is answered with its own id and time', async () => {
    await using server = await serveAll([AnswersController], { serverId: 'nest' });
    await using client = await PythonClient.start('tracked', server);
    for (let round = 0; round < 2; round++) {
      client.tell(['raw']);
      const { ping, pong } = await client.nextLine();
      expect(ping).toEqual([expect.stringMatching(/^\d+$/), expect.stringMatching(/^[\d.]+$/)]);
      expect(pong).toEqual(ping);
      expect(await client.nextLine()).toMatchObject({ reply: 'heard raw' });
    }
  });

  test.each(['tracked', 'guide'] as const)(
    '%s requests run concurrently, and each reply has the id of its request',
    async (dialect) => {
      await using server = await serveAll([AnswersController]);
      await using client = await PythonClient.start(dialect, server);
      const waits = packet('wait', 'first');
      const releases = packet('release', 'now');
      const lines = await client.askAll([waits, releases]);
      // The first request waits for the second.
      const byReply = lines.toSorted((a, b) => String(a.reply).localeCompare(String(b.reply)));
      expect(byReply).toMatchObject([
        { request: waits, reply: 'now' },
        { request: releases, reply: 'released' },
      ]);
    },
  );

  test('a body of several frames reaches the handler of REQUEST as an array', async () => {
    await using server = await serveAll([AnswersController]);
    await using client = await PythonClient.start('guide', server);
    expect(await client.ask(['', 'grüße', '{"pattern":"same"}'])).toBe(
      'heard ,grüße,{"pattern":"same"}',
    );
  });

  test('concurrent clients of all dialects get their own answers', async () => {
    await using server = await serveAll([AnswersController]);
    using nest = connectTo(server.endpoints);
    const clients = await Promise.all(
      [...OLDER_DIALECTS, ...OLDER_DIALECTS].map((dialect) => PythonClient.start(dialect, server)),
    );
    const numbers = (of: number) => Array.from({ length: 100 }, (_, index) => of * 1000 + index);
    const ofPython = clients.map(async (client, of) => {
      const lines = await client.askAll(numbers(of).map((number) => packet('same', number)));
      return lines.map(({ reply }) => Number(reply)).toSorted((a, b) => a - b);
    });
    const ofNest = numbers(9).map((number) => firstValueFrom(nest.send<number>('same', number)));
    expect(await Promise.all(ofNest)).toEqual(numbers(9));
    expect(await Promise.all(ofPython)).toEqual([0, 1, 2, 3, 4, 5].map(numbers));
    expect(server.strategy.stats()).toMatchObject({
      accepted: 700,
      running: 0,
      undelivered: 0,
      dropped: {},
    });
    await Promise.all(clients.map((client) => client[Symbol.asyncDispose]()));
  });

  test.each(OLDER_DIALECTS)(
    'a %s client killed while its call runs affects nobody else',
    async (dialect) => {
      await using server = await serveAll([AnswersController]);
      await using victim = await PythonClient.start(dialect, server);
      await using survivor = await PythonClient.start(dialect, server);
      victim.tell([packet('wait')]);
      await eventually(() => expect(server.strategy.stats().running).toBe(1));
      await victim[Symbol.asyncDispose]();
      expect(await survivor.ask(packet('release', 'now'))).toBe('released');
      expect(await survivor.ask('raw')).toBe('heard raw');
      expect(server.strategy.stats().running).toBe(0);
    },
  );

  // The following tests wait for a PONG that does not arrive, so they run concurrently.
  test.concurrent.each(OLDER_DIALECTS)(
    'a %s client gets no PONG from a server that is not ready, until it is',
    async (dialect) => {
      let isReady = false;

      @Controller()
      class WarmingUpController {
        @MessagePattern('PING')
        ready() {
          return isReady;
        }

        @MessagePattern('REQUEST')
        raw(@Payload() text: string) {
          return `heard ${text}`;
        }
      }

      await using server = await serveAll([WarmingUpController]);
      await using client = await PythonClient.start(dialect, server);
      using nest = connectTo(server.endpoints, { heartbeatInterval: 100, connectTimeout: 20_000 });
      const patient = firstValueFrom(nest.send('REQUEST', 'patience'));
      // The client reports this when its time for a PONG, 2.5 s, is over.
      expect(await client.ask('raw')).toBe('no server answered');
      expect(Object.values(nest.stats().endpoints)).toMatchObject([{ state: 'suspect' }]);
      expect(server.strategy.stats()).toMatchObject({ accepted: 0, dropped: {} });
      isReady = true;
      // The result of a check is valid for a while: the other client shows when the next one was made.
      expect(await patient).toBe('heard patience');
      expect(await client.ask('raw')).toBe('heard raw');
    },
  );

  test.concurrent.each(OLDER_DIALECTS)(
    'a %s client moves to the next server when one has left',
    async (dialect) => {
      const first = await serveAll([AnswersController], { serverId: 'first' });
      await using second = await serveAll([AnswersController], { serverId: 'second' });
      const endpoints = [...first.endpoints, ...second.endpoints];
      await using client = await PythonClient.start(dialect, { endpoints });
      const [before] = await client.askAll(['raw']);
      expect(before).toMatchObject({ endpoint: endpoints[0], reply: 'heard raw' });
      await first[Symbol.asyncDispose]();
      const [after] = await client.askAll(['raw']);
      expect(after).toMatchObject({ endpoint: endpoints[1], reply: 'heard raw' });
    },
  );
});
