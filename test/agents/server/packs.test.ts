import { describe, expect, test } from 'vitest';
import { encodeBody } from '../../../lib/protocol/body.js';
import type {
  Content,
  Event,
  NegotiatedRequest,
  Ping,
  ServerMessage,
} from '../../../lib/protocol/messages.js';
import type { FakeServerSocket } from '../../support/fake-sockets.js';
import { packOf, rawPack } from '../../support/packs.js';
import { ServerBench } from '../../support/server-bench.js';
import { onTheWire } from '../../support/wire.js';

const EMPTY = Buffer.alloc(0);

const pingOf = (...capabilities: string[]): Ping => ({
  type: 'ping',
  dialect: 'negotiated',
  id: '0',
  time: 't',
  hello: { protocol: 2, id: 'client', capabilities, state: 'ready', load: 0 },
});

const request = (id: string): NegotiatedRequest<Content> => ({
  type: 'request',
  dialect: 'negotiated',
  id,
  body: id,
  headers: { pattern: 'echo', type: 'json', attempt: 1 },
});

const event = (id: string): Event<Content> => ({
  type: 'event',
  id,
  body: id,
  headers: { pattern: 'created', type: 'json', attempt: 1 },
});

/** What a client has been sent: each ZeroMQ message as those that it brought. */
const postsTo = (socket: FakeServerSocket, peer: string) =>
  socket.postsTo(peer).map((messages) => messages.map(shown).join(' '));

function shown(message: ServerMessage): string {
  if (message.type !== 'reply' || message.dialect !== 'negotiated') return message.type;
  return `${message.headers.status} ${message.id}`;
}

/** A server that these clients have pinged, and what each of them understands. */
async function listening(clients: Record<string, readonly string[]>) {
  const bench = new ServerBench();
  const socket = await bench.listen();
  for (const [peer, capabilities] of Object.entries(clients)) {
    socket.hears(peer, pingOf(...capabilities));
  }
  await bench.settle();
  for (const peer of Object.keys(clients)) socket.receivedBy(peer);
  return { bench, socket };
}

describe('replies of one turn', () => {
  test('leave together and in order to a client with the capability pack', async () => {
    const { bench, socket } = await listening({ a: ['stream', 'pack'] });
    for (const id of ['1', '2']) socket.hears('a', request(id));
    socket.hears('a', event('3'));
    const [first, second] = bench.calls;
    second?.next(encodeBody('value'));
    first?.last(encodeBody('value'));
    second?.error('failed');
    expect(postsTo(socket, 'a')).toEqual([]);
    bench.turns.end();
    expect(postsTo(socket, 'a')).toEqual(['ack next 2 last 1 error 2']);
  });

  test('leave one by one, at once, to a client without it', async () => {
    const { bench, socket } = await listening({ a: ['stream'], b: ['pack'] });
    for (const peer of ['a', 'b', 'never pinged']) {
      for (const id of ['1', '2']) socket.hears(peer, request(id));
    }
    for (const call of bench.calls) call.last(encodeBody('value'));
    expect(postsTo(socket, 'a')).toEqual(['last 1', 'last 2']);
    expect(postsTo(socket, 'never pinged')).toEqual(['last 1', 'last 2']);
    expect(postsTo(socket, 'b')).toEqual([]);
    bench.turns.end();
    expect(postsTo(socket, 'b')).toEqual(['last 1 last 2']);
    expect(postsTo(socket, 'a')).toEqual([]);
  });

  test('the capabilities of a client are those of its latest PING', async () => {
    const { bench, socket } = await listening({ a: [] });
    const answered = async (...capabilities: string[]) => {
      socket.hears('a', pingOf(...capabilities));
      await bench.settle();
      socket.receivedBy('a');
      for (const id of ['1', '2']) socket.hears('a', request(id));
      for (const call of bench.calls.splice(0)) call.last(encodeBody('value'));
      bench.turns.end();
      return postsTo(socket, 'a');
    };
    expect(await answered('pack')).toEqual(['last 1 last 2']);
    expect(await answered('stream')).toEqual(['last 1', 'last 2']);
    expect(await answered('pack')).toEqual(['last 1 last 2']);
  });
});

test('a PONG is never packed: it leaves at once, after what waits', async () => {
  const { bench, socket } = await listening({ a: ['pack'] });
  for (const id of ['1', '2']) socket.hears('a', request(id));
  for (const call of bench.calls) call.last(encodeBody('value'));
  socket.hears('a', pingOf('pack'));
  await bench.settle();
  expect(postsTo(socket, 'a')).toEqual(['last 1 last 2', 'pong']);
});

test('a reply in an older dialect leaves at once, even to a client with the capability pack', async () => {
  const { bench, socket } = await listening({ a: ['pack'] });
  socket.hears('a', request('1'));
  const body = Buffer.from('{"pattern":"echo"}');
  socket.hears('a', { type: 'request', dialect: 'tracked', id: '2', body });
  for (const call of bench.calls) call.last(encodeBody('value'));
  expect(socket.receivedBy('a')).toMatchObject([{ dialect: 'tracked', id: '2' }]);
  bench.turns.end();
  expect(postsTo(socket, 'a')).toEqual(['last 1']);
});

describe('a server that closes', () => {
  test('in the middle of a turn sends what waits', async () => {
    const { bench, socket } = await listening({ a: ['pack'], b: ['pack'] });
    for (const peer of ['a', 'b']) {
      for (const id of ['1', '2']) socket.hears(peer, request(id));
    }
    for (const call of bench.calls) call.last(encodeBody('value'));
    expect(postsTo(socket, 'a')).toEqual([]);
    bench.agent.close();
    expect(postsTo(socket, 'a')).toEqual(['last 1 last 2']);
    expect(postsTo(socket, 'b')).toEqual(['last 1 last 2']);
    bench.turns.end();
    expect(postsTo(socket, 'a')).toEqual([]);
  });

  test('on the first message of a pack runs none of the others', async () => {
    const { bench, socket } = await listening({ a: ['pack'] });
    bench.whenCalled = (call) => {
      call.last(encodeBody('closes'));
      bench.agent.close();
    };
    socket.hears('a', packOf(request('1'), request('2'), event('3')));
    expect(bench.calls).toHaveLength(1);
    expect(bench.events).toEqual([]);
    expect(bench.agent.stats()).toMatchObject({ accepted: 1, events: 0, running: 0 });
    expect(bench.clock.timers).toBe(0);
    expect(postsTo(socket, 'a')).toEqual(['last 1']);
  });
});

describe('a client that is gone', () => {
  test('gets no message of a pack that could not be delivered', async () => {
    const { bench, socket } = await listening({ a: ['pack'], b: ['pack'] });
    for (const peer of ['a', 'b']) {
      for (const id of ['1', '2', '3']) socket.hears(peer, request(id));
    }
    const [first, second, third] = bench.calls;
    first?.last(encodeBody('value'));
    second?.next(encodeBody('value'));
    socket.gone.add('a');
    bench.turns.end();
    expect(bench.agent.stats()).toMatchObject({ undelivered: 2, clients: 2, running: 3 });
    expect([second, third].map((call) => call?.signal.aborted)).toEqual([true, true]);
  });

  test('that said GOODBYE in the middle of a turn still gets what waited for it', async () => {
    const { bench, socket } = await listening({ a: ['pack'] });
    socket.hears('a', packOf(event('1'), event('2'), { type: 'goodbye' }));
    expect(bench.agent.stats().clients).toBe(0);
    bench.turns.end();
    expect(postsTo(socket, 'a')).toEqual(['ack ack']);
  });
});

describe('a pack from a client', () => {
  test('is handled message by message, in order, even before any PING', async () => {
    const { bench, socket } = await listening({});
    socket.hears(
      'a',
      packOf(request('1'), request('2'), { type: 'cancel', id: '1' }, event('3'), {
        type: 'credit',
        id: '2',
        values: 1,
      }),
    );
    expect(bench.calls.map(({ request: { data } }) => data)).toEqual([1, 2]);
    expect(bench.calls.map(({ signal }) => signal.aborted)).toEqual([true, false]);
    expect(bench.events).toMatchObject([{ data: 3 }]);
    expect(postsTo(socket, 'a')).toEqual(['ack']);
    expect(bench.agent.stats().dropped).toEqual({});
  });

  test('that is malformed is counted once, and nothing of it is handled', async () => {
    const { bench, socket } = await listening({ a: ['pack'] });
    const [delimiter = EMPTY, command = EMPTY, block = EMPTY] = onTheWire(
      packOf(request('1'), request('2'), event('3')),
    );
    socket.hears('a', [delimiter, command, block.subarray(0, -1)]);
    socket.hears('a', [delimiter, command]);
    expect(bench.agent.stats()).toMatchObject({
      accepted: 0,
      events: 0,
      dropped: { 'invalid-json': 1, 'invalid-pack': 1 },
    });
    socket.hears('a', [delimiter, command, block]);
    expect(bench.agent.stats()).toMatchObject({ accepted: 2, events: 1 });
  });

  test('may contain malformed messages: the others are handled', async () => {
    const { bench, socket } = await listening({ a: ['pack'] });
    const headers = { pattern: 'echo' };
    socket.hears(
      'a',
      rawPack([
        ['REQUEST', '1', headers, 1],
        ['BOO', '2'],
        ['PACK', '3', [['REQUEST', '4', headers, 4]]],
        ['PING', '5', 'now', {}],
        ['REQUEST', '6', { ...headers, type: 'text' }, { not: 'text' }],
        ['REQUEST', '7', 0, null, 0],
        ['REQUEST', '8', 0, 8],
      ]),
    );
    await bench.settle();
    expect(bench.calls.map(({ request: { data } }) => data)).toEqual([1, 8]);
    expect(bench.agent.stats().dropped).toEqual({ 'unknown-command': 3, 'invalid-pack': 2 });
    bench.turns.end();
    expect(postsTo(socket, 'a')).toEqual([]);
  });

  test('carries shared headers once, and bodies of every kind', async () => {
    const { bench, socket } = await listening({ a: ['pack'] });
    const large = Buffer.alloc(100_000);
    const json = { pattern: 'echo', type: 'json', attempt: 1 } as const;
    const bytes = { pattern: 'echo', type: 'bytes', attempt: 2 } as const;
    socket.hears(
      'a',
      packOf(
        { ...request('1'), headers: json },
        { ...request('2'), body: large, headers: bytes },
        { ...request('3'), body: Buffer.from([255]), headers: bytes },
        { ...request('4'), body: '', headers: json },
      ),
    );
    expect(bench.calls.map(({ request: { data, attempt } }) => [data, attempt])).toEqual([
      [1, 1],
      [large, 2],
      [Buffer.from([255]), 2],
      [undefined, 1],
    ]);
    expect(bench.calls[1]?.request.data).toBe(large);
  });
});
