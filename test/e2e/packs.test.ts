import { Controller } from '@nestjs/common';
import { EventPattern, MessagePattern, Payload, RpcException } from '@nestjs/microservices';
import * as fc from 'fast-check';
import { FreelanceClientProxy } from 'nestjs-freelance';
import { concat, firstValueFrom, from, lastValueFrom, throwError, toArray } from 'rxjs';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { Dealer, Router } from 'zeromq';
import { isPack } from '../../lib/protocol/pack.js';
import { eventually } from '../support/eventually.js';
import { connectTo, serve, type Served } from '../support/nest.js';
import { rawPack } from '../support/packs.js';
import { type Outcome, outcomeOf } from '../support/parity.js';
import { fixSeed } from '../support/fix-seed.js';

fixSeed(24);

/** What reached the handlers, in order. */
const received: { calls: unknown[]; events: unknown[] } = { calls: [], events: [] };

@Controller()
class EchoController {
  @MessagePattern('echo')
  echo(@Payload() value: unknown) {
    received.calls.push(value);
    return value;
  }

  @MessagePattern('twice')
  twice(@Payload() value: unknown) {
    received.calls.push(value);
    return from([value, value, 'the end']);
  }

  @MessagePattern('breaks')
  breaks(@Payload() value: unknown) {
    received.calls.push(value);
    return concat(
      from([value]),
      throwError(() => new RpcException({ broken: String(value).length })),
    );
  }

  @EventPattern('noted')
  noted(@Payload() value: unknown) {
    received.events.push(value);
  }
}

let server: Served;

beforeAll(async () => {
  server = await serve([EchoController]);
});

afterAll(() => server[Symbol.asyncDispose]());

beforeEach(() => {
  received.calls.length = 0;
  received.events.length = 0;
});

/** The messages in one ZeroMQ message, as a peer of plain frames would get them, as text. */
function messagesOf(frames: readonly Buffer[]): string[][] {
  const [, command, block] = frames.map(String);
  if (command !== 'PACK') return [frames.slice(1).map(String)];
  const said: string[] = [];
  return (JSON.parse(block ?? '') as [string, string, unknown, unknown][]).map(
    ([type, id, headers, body]) => {
      if (typeof headers === 'number') return [type, id, JSON.stringify(body), said[headers] ?? ''];
      said.push(JSON.stringify(headers));
      return [type, id, JSON.stringify(body), said.at(-1) ?? ''];
    },
  );
}

const helloOf = (...capabilities: string[]) =>
  JSON.stringify({ protocol: 2, id: 'raw', capabilities });

describe('a client that encodes its own frames', () => {
  const CALLS = 50;
  const ids = Array.from({ length: CALLS }, (_, n) => String(n));
  const request = (id: string) => ['', 'REQUEST', id, `[${id}]`, '{"pattern":"echo"}'];
  const requests = rawPack(ids.map((id) => ['REQUEST', id, { pattern: 'echo' }, [Number(id)]]));

  function connected() {
    const dealer = new Dealer({ linger: 0, receiveTimeout: 20_000 });
    dealer.connect(server.endpoints[0] ?? '');
    return { dealer, [Symbol.dispose]: () => dealer.close() };
  }

  async function greeted(...capabilities: string[]) {
    const client = connected();
    await client.dealer.send(['', 'PING', '1', 'now', helloOf(...capabilities)]);
    const [, command, id, time, hello = ''] = (await client.dealer.receive()).map(String);
    expect([command, id, time]).toEqual(['PONG', '1', 'now']);
    expect(JSON.parse(hello)).toMatchObject({ capabilities: expect.arrayContaining(['pack']) });
    return client;
  }

  /**
   * What the server sends, as ZeroMQ messages, until all calls are answered. PONGs are left out: after any connection was
   * lost, unsolicited ones arrive.
   */
  async function answers(dealer: Dealer) {
    const posts: Buffer[][] = [];
    const replies: string[][] = [];
    while (replies.length < CALLS) {
      const frames = await dealer.receive();
      if (String(frames[1]) === 'PONG') continue;
      posts.push(frames);
      replies.push(...messagesOf(frames));
    }
    return { posts, replies };
  }

  const expected = ids.map((id) => ['REPLY', id, `[${id}]`, '{"status":"last"}']);

  test('and does not announce pack never gets one, however much is pending for it', async () => {
    using client = await greeted('event', 'stream', 'cancel', 'drain');
    // Even calls that it packs are answered one by one.
    await client.dealer.send([...requests]);
    const { posts, replies } = await answers(client.dealer);
    expect(posts.some(isPack)).toBe(false);
    expect(posts).toHaveLength(CALLS);
    expect(replies).toEqual(expected);
  });

  test('and has not sent a PING gets no pack either', async () => {
    using client = connected();
    await client.dealer.send([...requests]);
    const { posts, replies } = await answers(client.dealer);
    expect(posts.some(isPack)).toBe(false);
    expect(replies).toEqual(expected);
  });

  test('and announces pack gets several replies in one message, in order', async () => {
    using client = await greeted('pack');
    await client.dealer.send([...requests]);
    const { posts, replies } = await answers(client.dealer);
    expect(replies).toEqual(expected);
    expect(posts.some(isPack)).toBe(true);
    expect(posts.length).toBeLessThan(CALLS / 4);
  });

  test('gets PONGs unpacked, whatever else is pending for it', async () => {
    using client = await greeted('pack');
    for (const id of ids) {
      await client.dealer.send(request(id));
      await client.dealer.send(['', 'PING', id, 'now', helloOf('pack')]);
    }
    const pongs: Buffer[][] = [];
    const replies: string[] = [];
    while (replies.length < CALLS) {
      const frames = await client.dealer.receive();
      if (String(frames[1]) === 'PONG') pongs.push(frames);
      else {
        for (const [command = ''] of messagesOf(frames)) replies.push(command);
      }
    }
    expect(pongs).not.toEqual([]);
    expect(replies).toEqual(ids.map(() => 'REPLY'));
  });
});

describe('a server that encodes its own frames', () => {
  /** The ZeroMQ messages that bring it this many concurrent calls, and nothing else. */
  async function called(...capabilities: string[]) {
    const router = new Router({ linger: 0 });
    await router.bind('tcp://127.0.0.1:*');
    const posts: Buffer[][] = [];
    const calls: string[][] = [];
    const serves = (async () => {
      for await (const [peer = '', ...frames] of router) {
        for (const [command, ...args] of messagesOf(frames)) {
          const [id = '', body = ''] = args;
          if (command === 'PING') {
            await router.send([peer, '', 'PONG', id, body, helloOf(...capabilities)]);
          } else if (command === 'REQUEST') {
            calls.push([id, body]);
            await router.send([peer, '', 'REPLY', id, body, '{"status":"last"}']);
          }
        }
        if (String(frames[1]) !== 'PING') posts.push(frames);
      }
    })();
    using client = connectTo([router.lastEndpoint ?? '']);
    await client.connect();
    const numbers = Array.from({ length: 40 }, (_, n) => n);
    const answers = await Promise.all(
      numbers.map((n) => firstValueFrom(client.send<number>('echo', n))),
    );
    expect(answers).toEqual(numbers);
    expect(calls.map(([, body]) => Number(body))).toEqual(numbers);
    const callPosts = [...posts];
    client.close();
    router.close();
    await serves;
    return callPosts;
  }

  test('and does not announce pack gets each call separately', async () => {
    const posts = await called('event', 'stream', 'cancel', 'drain');
    expect(posts.some(isPack)).toBe(false);
    expect(posts).toHaveLength(40);
  });

  test('and announces pack gets the calls of one turn in one message', async () => {
    const posts = await called('event', 'stream', 'cancel', 'drain', 'pack');
    expect(posts.some(isPack)).toBe(true);
    expect(posts.length).toBeLessThan(10);
  });
});

describe('many concurrent messages of every kind and size', () => {
  const KILOBYTE = 1024;
  const size = fc.oneof(
    { weight: 6, arbitrary: fc.integer({ min: 0, max: 300 }) },
    { weight: 2, arbitrary: fc.integer({ min: 4000, max: 5000 }) },
    { weight: 2, arbitrary: fc.integer({ min: 0, max: 200 * KILOBYTE }) },
  );
  const payload = fc
    .tuple(
      size,
      fc.constantFrom('ascii', 'many alphabets', 'json', 'bytes'),
      fc.integer({ min: 0, max: 255 }),
    )
    .map(([length, kind, salt]): unknown => {
      switch (kind) {
        case 'ascii':
          return String.fromCharCode(32 + (salt % 90)).repeat(length);
        case 'many alphabets':
          return 'ü語🌍'.repeat(Math.ceil(length / 8)).slice(0, length);
        case 'json':
          return { salt, text: 'é'.repeat(length / 2), list: [null, salt, {}] };
        default:
          return Buffer.alloc(length, salt);
      }
    });
  const job = fc.record({
    kind: fc.constantFrom('echo', 'twice', 'breaks', 'noted', 'nobody'),
    value: payload,
  });

  /** The expected outcome of a job. */
  function outcomeFor(kind: string, value: unknown): Outcome {
    switch (kind) {
      case 'echo':
        return { values: [value] };
      case 'twice':
        return { values: [value, value, 'the end'] };
      case 'breaks':
        return { values: [value], error: { broken: String(value).length } };
      case 'noted':
        return { values: [undefined] };
      default:
        return {
          values: [],
          error: 'There is no matching message handler defined in the remote service.',
        };
    }
  }

  /** Shortens long values to their distinguishing parts, since comparing them takes longer than the calls. */
  function shown(value: unknown): unknown {
    if (Buffer.isBuffer(value)) return `bytes ${value.toString('latin1')}`;
    return typeof value === 'object' ? JSON.stringify(value) : value;
  }
  const shownOutcome = ({ values, ...rest }: Outcome) => ({ values: values.map(shown), ...rest });

  let client: FreelanceClientProxy;

  beforeAll(async () => {
    client = new FreelanceClientProxy({ endpoints: server.endpoints });
    await client.connect();
  });

  afterAll(() => client.close());

  test('each call gets its own answer, and handlers receive all of them in order', async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(job, { minLength: 1, maxLength: 60 }), async (jobs) => {
        received.calls.length = 0;
        received.events.length = 0;
        const outcomes = await Promise.all(
          jobs.map(async ({ kind, value }) => {
            if (kind !== 'noted') return outcomeOf(client, kind, value);
            return { values: [await lastValueFrom(client.emit(kind, value))] };
          }),
        );
        expect(outcomes.map(shownOutcome)).toEqual(
          jobs.map(({ kind, value }) => shownOutcome(outcomeFor(kind, value))),
        );
        const calls = jobs.filter(({ kind }) => ['echo', 'twice', 'breaks'].includes(kind));
        const events = jobs.filter(({ kind }) => kind === 'noted');
        expect(received.calls.map(shown)).toEqual(calls.map(({ value }) => shown(value)));
        await eventually(() => expect(received.events).toHaveLength(events.length));
        expect(received.events.map(shown)).toEqual(events.map(({ value }) => shown(value)));
      }),
      { numRuns: 25 },
    );
    expect(client.stats()).toMatchObject({ pending: 0, dropped: {} });
    expect(server.strategy.stats()).toMatchObject({ dropped: {}, undelivered: 0 });
  });

  test('calls are answered in the order in which they were made', async () => {
    const order: number[] = [];
    await Promise.all(
      Array.from({ length: 500 }, async (_, n) => {
        await firstValueFrom(client.send('echo', n));
        order.push(n);
      }),
    );
    expect(order).toEqual(Array.from({ length: 500 }, (_, n) => n));
  });

  test('concurrent streams keep the order of their values', async () => {
    const values = Array.from({ length: 300 }, (_, n) => n);
    const streams = await Promise.all(
      Array.from({ length: 20 }, (_, n) =>
        lastValueFrom(client.send('twice', [n, ...values]).pipe(toArray())),
      ),
    );
    expect(streams.map(([first, second]) => [first, second])).toEqual(
      Array.from({ length: 20 }, (_, n) => [
        [n, ...values],
        [n, ...values],
      ]),
    );
  });
});
