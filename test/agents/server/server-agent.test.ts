import { describe, expect, test } from 'vitest';
import { encodeBody } from '../../../lib/protocol/body.js';
import type { RequestHeaders } from '../../../lib/protocol/headers.js';
import type { Hello } from '../../../lib/protocol/hello.js';
import type { Content, NegotiatedRequest, Ping } from '../../../lib/protocol/messages.js';
import { ServerBench } from '../../support/server-bench.js';

const bytes = (text: string) => Buffer.from(text);
const hello: Hello = { protocol: 2, id: 'client', capabilities: [], state: 'ready', load: 0 };
const pings = {
  basic: { type: 'ping', dialect: 'basic' },
  tracked: { type: 'ping', dialect: 'tracked', id: '7', time: 'now' },
  negotiated: { type: 'ping', dialect: 'negotiated', id: '7', time: 'now', hello },
} as const satisfies Record<string, Ping>;

function request(
  headers: Partial<RequestHeaders> = {},
  data: unknown = 'data',
): NegotiatedRequest<Content> {
  const { type, content: body } = encodeBody(data);
  return {
    type: 'request',
    dialect: 'negotiated',
    id: '42',
    body,
    headers: { pattern: 'echo', type, attempt: 1, ...headers },
  };
}

async function listening() {
  const bench = new ServerBench();
  const socket = await bench.listen();
  return { bench, socket };
}

describe('PING', () => {
  test('is answered in the dialect that it came in', async () => {
    const { bench, socket } = await listening();
    for (const dialect of ['basic', 'tracked', 'negotiated'] as const) {
      socket.hears(dialect, pings[dialect]);
    }
    await bench.settle();
    expect(socket.receivedBy('basic')).toEqual([
      { type: 'pong', dialect: 'basic', serverId: 'server-1' },
    ]);
    expect(socket.receivedBy('tracked')).toMatchObject([
      { dialect: 'tracked', id: pings.tracked.id, time: pings.tracked.time },
    ]);
    expect(socket.receivedBy('negotiated')).toMatchObject([
      { dialect: 'negotiated', hello: { id: 'server-1', state: 'ready' } },
    ]);
  });

  test('of a server that is not ready gets no answer in the older dialects, and an honest one in the negotiated', async () => {
    const { bench, socket } = await listening();
    bench.isReady = () => Promise.resolve(false);
    for (const dialect of ['basic', 'tracked', 'negotiated'] as const) {
      socket.hears(dialect, pings[dialect]);
    }
    await bench.settle();
    expect(socket.receivedBy('basic')).toEqual([]);
    expect(socket.receivedBy('tracked')).toEqual([]);
    expect(socket.receivedBy('negotiated')).toMatchObject([{ hello: { state: 'unready' } }]);
  });

  test('causes one readiness check per interval, however many clients ping', async () => {
    const { bench, socket } = await listening();
    let checks = 0;
    let answer = (_ready: boolean) => {};
    bench.isReady = () => {
      checks++;
      return new Promise((resolve) => (answer = resolve));
    };
    for (let i = 0; i < 50; i++) socket.hears(`early ${i}`, pings.basic);
    expect(checks).toBe(1);
    answer(true);
    await bench.settle();
    for (let i = 0; i < 50; i++) socket.hears(`later ${i}`, pings.basic);
    expect(checks).toBe(1);
    expect(socket.receivedBy('early 49')).toHaveLength(1);
    expect(socket.receivedBy('later 49')).toHaveLength(1);
    bench.clock.advance(1000);
    socket.hears('next interval', pings.basic);
    expect(checks).toBe(2);
  });

  test('a flood of PINGs of one client during a check is answered once', async () => {
    const { bench, socket } = await listening();
    let answer = (_ready: boolean) => {};
    bench.isReady = () => new Promise((resolve) => (answer = resolve));
    for (let i = 0; i < 1000; i++) socket.hears('flooder', pings.basic);
    answer(true);
    await bench.settle();
    expect(socket.receivedBy('flooder')).toHaveLength(1);
  });

  test('a check that hangs counts as not ready after a second, and the next PING causes a new one', async () => {
    const { bench, socket } = await listening();
    const answers: ((ready: boolean) => void)[] = [];
    bench.isReady = () => new Promise((resolve) => answers.push(resolve));
    const states = (peer: string) =>
      socket
        .receivedBy(peer)
        .map((pong) => pong.type === 'pong' && pong.dialect === 'negotiated' && pong.hello.state);
    socket.hears('a', pings.negotiated);
    bench.clock.advance(500);
    socket.hears('b', pings.negotiated);
    bench.clock.advance(500);
    expect([states('a'), states('b')]).toEqual([['unready'], ['unready']]);
    bench.clock.advance(1000);
    socket.hears('a', pings.negotiated);
    expect(answers).toHaveLength(2);
    answers[1]?.(true);
    await bench.settle();
    expect(states('a')).toEqual(['ready']);
    // What the first one says now is long past.
    answers[0]?.(false);
    await bench.settle();
    socket.hears('a', pings.negotiated);
    expect(states('a')).toEqual(['ready']);
  });

  describe('three checks that hang', () => {
    const hanging = async () => {
      const { bench, socket } = await listening();
      const answers: ((ready: boolean) => void)[] = [];
      bench.isReady = () => new Promise((resolve) => answers.push(resolve));
      const ping = (afterMs: number) => {
        bench.clock.advance(afterMs);
        socket.hears('a', pings.negotiated);
      };
      const stateTold = () => {
        const [pong, ...others] = socket.receivedBy('a');
        expect(others).toEqual([]);
        return pong?.type === 'pong' && pong.dialect === 'negotiated' && pong.hello.state;
      };
      // The latest has hung for one second then.
      for (let n = 0; n < 3; n++) {
        ping(1000);
        bench.clock.advance(1000);
        expect(stateTold()).toBe('unready');
      }
      return { bench, answers, ping, stateTold };
    };

    test('are the maximum; the server is not ready until one of them ends', async () => {
      const { bench, answers, ping, stateTold } = await hanging();
      for (let n = 0; n < 4; n++) {
        ping(1000);
        expect(stateTold()).toBe('unready');
      }
      expect(answers).toHaveLength(3);
      answers[2]?.(true);
      await bench.settle();
      ping(0);
      expect(stateTold()).toBe('ready');
    });

    test('are given up after ten seconds each, so that a new check can succeed', async () => {
      const { bench, answers, ping, stateTold } = await hanging();
      ping(4999);
      expect(answers).toHaveLength(3);
      expect(stateTold()).toBe('unready');
      ping(1);
      expect(answers).toHaveLength(4);
      answers[3]?.(true);
      await bench.settle();
      expect(stateTold()).toBe('ready');
      // What one says that was given up is long past, and makes room for nobody.
      answers[0]?.(false);
      await bench.settle();
      ping(0);
      expect(stateTold()).toBe('ready');
    });
  });

  test('a check that throws or rejects means that the server is not ready', async () => {
    for (const fails of [
      () => Promise.reject(new Error('later')),
      () => {
        throw new Error('at once');
      },
    ]) {
      const { bench, socket } = await listening();
      bench.isReady = fails;
      socket.hears('a', pings.negotiated);
      await bench.settle();
      expect(socket.receivedBy('a')).toMatchObject([{ hello: { state: 'unready' } }]);
    }
  });

  test('a slow check collects at most ten thousand waiting clients', async () => {
    const { bench, socket } = await listening();
    let answer = (_ready: boolean) => {};
    bench.isReady = () => new Promise((resolve) => (answer = resolve));
    for (let i = 1; i <= 10_001; i++) socket.hears(`client ${i}`, pings.basic);
    answer(true);
    await bench.settle();
    expect(socket.receivedBy('client 10000')).toHaveLength(1);
    expect(socket.receivedBy('client 10001')).toEqual([]);
    socket.hears('client 10001', pings.basic);
    expect(socket.receivedBy('client 10001')).toHaveLength(1);
  });
});

describe('REQUEST', () => {
  test('reaches the handler with everything that the caller sent', async () => {
    const { bench, socket } = await listening();
    socket.hears('peer', request({ attempt: 2, metadata: { tenant: 'x' } }, { n: 1 }));
    expect(bench.calls.map((call) => call.request)).toMatchObject([
      {
        pattern: 'echo',
        data: { n: 1 },
        attempt: 2,
        metadata: { tenant: 'x' },
        clientId: undefined,
      },
    ]);
    expect(bench.agent.stats()).toMatchObject({ accepted: 1, running: 1 });
  });

  test('is answered with every value and then completion, to the right peer and id', async () => {
    const { bench, socket } = await listening();
    socket.hears('peer', request());
    for (const call of bench.calls) {
      call.next(encodeBody('one'));
      call.last(encodeBody('two'));
    }
    expect(socket.receivedBy('peer')).toMatchObject([
      { dialect: 'negotiated', id: '42', body: bytes('one'), headers: { status: 'next' } },
      { dialect: 'negotiated', id: '42', body: bytes('two'), headers: { status: 'last' } },
    ]);
    expect(bench.agent.stats()).toMatchObject({ accepted: 1, running: 0 });
  });

  test('ends once: what the handler sends afterwards is ignored', async () => {
    const { bench, socket } = await listening();
    socket.hears('peer', request());
    for (const call of bench.calls) {
      call.complete();
      call.next(encodeBody('late'));
      call.error('late');
      call.last(encodeBody('late'));
    }
    expect(socket.receivedBy('peer')).toMatchObject([{ headers: { status: 'end' } }]);
  });

  test.each([
    ['a Nest packet', '{"pattern":"sum","data":[1,2]}', { pattern: 'sum', data: [1, 2] }],
    ['a numeric pattern', '{"pattern":7}', { pattern: '7', data: undefined }],
    ['text', 'hello', { pattern: 'REQUEST', data: 'hello' }],
    ['JSON without a pattern', '{"a":1}', { pattern: 'REQUEST', data: '{"a":1}' }],
    ['an empty body', '', { pattern: 'REQUEST', data: '' }],
  ])('of an older dialect may carry %s', async (_what, body, expected) => {
    const { bench, socket } = await listening();
    socket.hears('basic', { type: 'request', dialect: 'basic', body: bytes(body) });
    socket.hears('tracked', {
      type: 'request',
      dialect: 'tracked',
      id: '1',
      body: bytes(body),
    });
    expect(bench.calls.map((call) => call.request)).toMatchObject([expected, expected]);
  });

  test.each([
    ['a string', ['plain'], 'plain'],
    ['bytes', [bytes('\xff')], '\xff'],
    ['a number', [42], '42'],
    ['several values', [1, 2, { last: true }], '{"last":true}'],
    ['nothing', [], ''],
  ])(
    'of an older dialect that yields %s is answered with its last value',
    async (_what, values, body) => {
      const { bench, socket } = await listening();
      socket.hears('old', {
        type: 'request',
        dialect: 'tracked',
        id: '9',
        body: bytes('x'),
      });
      for (const call of bench.calls) {
        for (const value of values) call.next(encodeBody(value));
        call.complete();
      }
      expect(socket.receivedBy('old')).toEqual([
        { type: 'reply', dialect: 'tracked', id: '9', body: bytes(body) },
      ]);
    },
  );

  test('that fails is answered with the error that Nest would send', async () => {
    const { bench, socket } = await listening();
    socket.hears('new', request());
    socket.hears('old', { type: 'request', dialect: 'basic', body: bytes('x') });
    for (const call of bench.calls) call.error('There is no handler');
    expect(socket.receivedBy('new')).toMatchObject([
      { headers: { status: 'error' }, body: bytes('"There is no handler"') },
    ]);
    expect(socket.receivedBy('old')).toMatchObject([
      { body: bytes('{"status":"error","message":"There is no handler"}') },
    ]);
  });
});

describe('closing', () => {
  test('stops what runs, and sends nothing more', async () => {
    const { bench, socket } = await listening();
    socket.hears('peer', request());
    let stopped = 0;
    for (const call of bench.calls) call.whenAbandoned(() => stopped++);
    bench.agent.close();
    bench.agent.close();
    for (const call of bench.calls) call.last(encodeBody('late'));
    expect(stopped).toBe(1);
    expect(socket.isClosed).toBe(true);
    expect(socket.receivedBy('peer')).toEqual([]);
    expect(bench.agent.stats().running).toBe(0);
  });

  test('a handler that registers its stop function after the close is stopped at once', async () => {
    const { bench, socket } = await listening();
    socket.hears('peer', request());
    bench.agent.close();
    let stopped = 0;
    for (const call of bench.calls) call.whenAbandoned(() => stopped++);
    expect(stopped).toBe(1);
  });

  test('during bind releases the socket, and bind fails', async () => {
    const bench = new ServerBench();
    const binding = bench.agent.bind(['tcp://127.0.0.1:5555']);
    bench.agent.close();
    await expect(binding).rejects.toThrow('closed before it listened');
    expect(bench.socket.isClosed).toBe(true);
    expect(bench.drains).toEqual([['ended']]);
  });
});

test('malformed messages are counted by reason, logged at most once per second, and harm nobody', async () => {
  const { bench, socket } = await listening();
  const deep = bytes(`${'{"a":'.repeat(100_000)}1${'}'.repeat(100_000)}`);
  const nonsense: Buffer[][] = [
    [],
    [bytes('x')],
    [bytes(''), bytes('HELLO')],
    [bytes(''), bytes('REQUEST')],
    [bytes(''), bytes('REQUEST'), bytes('1'), bytes('2'), bytes('3'), bytes('4')],
    [bytes(''), bytes('REQUEST'), bytes('1'), bytes('{'), bytes('{"pattern":"a"}')],
    [bytes(''), bytes('REQUEST'), bytes('1'), bytes('2'), bytes('{"pattern":17}')],
    [bytes(''), bytes('REQUEST'), bytes('1'), bytes('2'), deep],
    [
      bytes(''),
      bytes('REQUEST'),
      bytes('1'),
      bytes('2'),
      Buffer.concat([bytes('{"pattern":'), deep, bytes('}')]),
    ],
    [bytes(''), bytes('REQUEST'), Buffer.from([0xc3])],
    [bytes(''), bytes('PING'), bytes('1')],
    [bytes(''), bytes('PING'), bytes('1'), bytes('2'), bytes('[]')],
  ];
  for (const frames of nonsense) socket.hears('attacker', frames);
  socket.hears('honest', request());
  expect(bench.calls).toHaveLength(1);
  expect(bench.dropped).toEqual(['no-delimiter']);
  expect(bench.agent.stats().dropped).toEqual({
    'no-delimiter': 2,
    'unknown-command': 1,
    'wrong-frame-count': 3,
    'invalid-json': 1,
    'invalid-headers': 3,
    'invalid-utf8': 1,
    'invalid-hello': 1,
  });
  bench.clock.advance(1000);
  socket.hears('attacker', []);
  expect(bench.dropped).toHaveLength(2);
});
