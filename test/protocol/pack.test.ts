import { readFileSync } from 'node:fs';
import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { decodeBody, encodeBody, InlineBody } from '../../lib/protocol/body.js';
import type { ReplyStatus } from '../../lib/protocol/headers.js';
import { isMalformed, type Malformed } from '../../lib/protocol/malformed.js';
import type {
  Ack,
  ClientMessage,
  Event,
  Frames,
  NegotiatedReply,
  NegotiatedRequest,
  ServerMessage,
} from '../../lib/protocol/messages.js';
import {
  decodeClientPack,
  decodeServerPack,
  isPack,
  MOST_BLOCK_BYTES,
  MOST_MESSAGES,
} from '../../lib/protocol/pack.js';
import { PackWriter } from '../../lib/protocol/pack-writer.js';
import {
  decodeClientMessage,
  decodeServerMessage,
  encodeClientMessage,
  encodeServerMessage,
} from '../../lib/protocol/plain-frames.js';
import { packOf, rawPack, valueOf } from '../support/packs.js';
import { onTheWire } from '../support/wire.js';
import {
  anyFrame,
  anyString,
  bytes,
  id,
  json,
  packableByClient,
  packableByServer,
  TURNING_POINTS,
  wickedKeys,
} from './arbitraries.js';
import { deepArray, deepObject, malformed, notUtf8 } from './hostile.js';
import { fixSeed } from '../support/fix-seed.js';

fixSeed(22);

const EMPTY = Buffer.alloc(0);
const invalid = malformed('invalid-pack');

const ack = (of: string): Ack => ({ type: 'ack', id: of });

function request(of: string, value: unknown, pattern = 'sum'): NegotiatedRequest<Buffer | string> {
  const { type, content } = encodeBody(value);
  const headers = { pattern, type, attempt: 1 };
  return { type: 'request', dialect: 'negotiated', id: of, body: content, headers };
}

function event(of: string, value: unknown, pattern = 'sum'): Event<Buffer | string> {
  const { headers, body } = request(of, value, pattern);
  return { type: 'event', id: of, body, headers };
}

function reply(
  of: string,
  value: unknown,
  status: ReplyStatus = 'last',
): NegotiatedReply<Buffer | string> {
  const { type, content } = encodeBody(value);
  const headers = { status, type };
  return { type: 'reply', dialect: 'negotiated', id: of, body: content, headers };
}

/** An object nested this many levels deep. */
const nested = (levels: number): object => (levels === 1 ? {} : { a: nested(levels - 1) });

/** The block as JSON text. */
const blockOf = (...messages: Parameters<typeof packOf>): unknown =>
  JSON.parse(String(packOf(...messages)[2]));

const toServer = (block: unknown, ...large: Buffer[]) => decodeClientPack(rawPack(block, ...large));
const toClient = (block: unknown, ...large: Buffer[]) => decodeServerPack(rawPack(block, ...large));

/** A message with its body decoded, whether it came in a pack or as a frame. */
function said(message: ClientMessage | ServerMessage | Malformed) {
  return 'headers' in message
    ? { ...message, body: decodeBody(message.body, message.headers) }
    : message;
}

describe('the block on the wire', () => {
  test('calls of one pattern share their headers', () => {
    const frames = onTheWire(packOf(request('1', { n: 1 }), request('2', [2]), request('3', 'x')));
    expect(frames.map(String)).toEqual([
      '',
      'PACK',
      '[["REQUEST","1",{"pattern":"sum"},{"n":1}],["REQUEST","2",0,[2]],' +
        '["REQUEST","3",{"pattern":"sum","type":"text"},"x"]]',
    ]);
  });

  test('a message without headers is its command, its id and its content', () => {
    expect(blockOf(ack('1'), { type: 'goodbye' })).toEqual([['ACK', '1'], ['GOODBYE']]);
    expect(blockOf({ type: 'cancel', id: '1' }, { type: 'credit', id: '2', values: 128 })).toEqual([
      ['CANCEL', '1'],
      ['CREDIT', '2', 128],
    ]);
  });

  test('headers are written once per pack, whichever message has them first', () => {
    const calls = [request('1', 1), event('2', 2), request('3', 3, 'other'), event('4', 4)];
    const expected = [
      ['REQUEST', '1', { pattern: 'sum' }, 1],
      ['EVENT', '2', 0, 2],
      ['REQUEST', '3', { pattern: 'other' }, 3],
      ['EVENT', '4', 0, 4],
    ];
    const writer = new PackWriter();
    for (let n = 0; n < 2; n++) {
      for (const call of calls) writer.add(call);
      expect(JSON.parse(String(writer.take()[2]))).toEqual(expected);
    }
    expect(blockOf(reply('1', 1), reply('2', 2, 'next'), reply('3', 3))).toEqual([
      ['REPLY', '1', { status: 'last' }, 1],
      ['REPLY', '2', { status: 'next' }, 2],
      ['REPLY', '3', 0, 3],
    ]);
  });

  test('small binary bodies are base64', () => {
    const octets = Buffer.from([0, 255, 128]);
    expect(blockOf(reply('1', octets))).toEqual([
      ['REPLY', '1', { status: 'last', type: 'bytes' }, 'AP+A'],
    ]);
    expect(blockOf(reply('1', EMPTY))).toEqual([
      ['REPLY', '1', { status: 'last', type: 'bytes' }, ''],
    ]);
  });

  test('an empty JSON body is omitted, an empty text body is not', () => {
    expect(blockOf(reply('1', undefined, 'end'), reply('2', ''), reply('3', null))).toEqual([
      ['REPLY', '1', { status: 'end' }],
      ['REPLY', '2', { status: 'last', type: 'text' }, ''],
      ['REPLY', '3', { status: 'last' }, null],
    ]);
  });

  test('an id is its bytes, one character each', () => {
    const every = String.fromCharCode(...Array(256).keys());
    expect(blockOf(ack(every), ack(''))).toEqual([
      ['ACK', every],
      ['ACK', ''],
    ]);
  });

  test('a writer reports its size and starts over once taken', () => {
    const writer = new PackWriter();
    expect([writer.count, writer.size]).toEqual([0, 0]);
    writer.add(reply('1', Buffer.alloc(5000)));
    writer.add(ack('2'));
    expect(writer.count).toBe(2);
    expect(writer.size).toBeGreaterThan(5000);
    expect(writer.size).toBeLessThan(5100);
    expect(writer.take()).toHaveLength(4);
    expect([writer.count, writer.size]).toEqual([0, 0]);
    writer.add(ack('3'));
    expect(writer.take().map(String)).toEqual(['', 'PACK', '[["ACK","3"]]']);
  });
});

test('a message with long headers is not packed and leaves the pack unchanged', () => {
  const writer = new PackWriter();
  const withPattern = (length: number) => request('1', 1, 'p'.repeat(length));
  const around = '{"pattern":""}'.length;
  expect(writer.add(withPattern(4097 - around))).toBe(false);
  expect(writer.count).toBe(0);
  expect(writer.add(withPattern(4096 - around))).toBe(true);
  expect(writer.add(withPattern(1_000_000))).toBe(false);
  expect(writer.add(ack('2'))).toBe(true);
  expect(writer.count).toBe(2);
  expect(decodeServerPack(onTheWire(writer.take())).slice(1)).toEqual([ack('2')]);
});

describe('a large body is a frame of its own', () => {
  test('with the same bytes at both ends, not copied', () => {
    const [large, small] = [Buffer.alloc(4097, 'l'), Buffer.alloc(4096, 's')];
    const frames = packOf(request('1', large), request('2', small));
    expect(frames).toHaveLength(4);
    expect(frames[3]).toBe(large);
    const [first, second] = decodeClientPack(onTheWire(frames));
    expect(first).toMatchObject({ id: '1' });
    expect(first && 'body' in first && first.body).toBe(large);
    expect(second && said(second)).toMatchObject({ id: '2', body: { value: small } });
  });

  test('text and JSON as well', () => {
    const long = { long: 'j'.repeat(5000) };
    const frames = packOf(
      reply('1', 't'.repeat(4097)),
      reply('2', 's'.repeat(4096)),
      reply('3', long),
    );
    expect(frames.slice(3)).toEqual(['t'.repeat(4097), JSON.stringify(long)]);
    expect(JSON.parse(String(frames[2]))).toEqual([
      ['REPLY', '1', { status: 'last', type: 'text' }, null, 0],
      ['REPLY', '2', 0, 's'.repeat(4096)],
      ['REPLY', '3', { status: 'last' }, null, 1],
    ]);
  });

  test('that any entry may refer to, but only once', () => {
    const [a, b] = [Buffer.from('"a"'), Buffer.from('"b"')];
    const headers = { status: 'last' };
    const received = toClient(
      [
        ['REPLY', '1', headers, null, 1],
        ['REPLY', '2', 0, null, 0],
        ['REPLY', '3', 0, null, 1],
      ],
      a,
      b,
      Buffer.from('which nobody refers to'),
    );
    expect(received.map((m) => (isMalformed(m) ? m.reason : valueOf(m)))).toEqual([
      'b',
      'a',
      // Otherwise one large frame could be decoded a thousand times.
      'invalid-pack',
    ]);
  });
});

describe('unpacking returns the messages that were packed', () => {
  const upToTwenty = { minLength: 1, maxLength: 20 };

  test('of clients', () => {
    fc.assert(
      fc.property(fc.array(packableByClient, upToTwenty), (sent) => {
        const alone = sent.map((message) =>
          said(decodeClientMessage(onTheWire(encodeClientMessage(message)))),
        );
        expect(decodeClientPack(onTheWire(packOf(...sent))).map(said)).toEqual(alone);
        expect(alone.some(isMalformed)).toBe(false);
      }),
      { numRuns: 200 },
    );
  });

  test('of servers', () => {
    fc.assert(
      fc.property(fc.array(packableByServer, upToTwenty), (sent) => {
        const alone = sent.map((message) =>
          said(decodeServerMessage(onTheWire(encodeServerMessage(message)))),
        );
        expect(decodeServerPack(onTheWire(packOf(...sent))).map(said)).toEqual(alone);
        expect(alone.some(isMalformed)).toBe(false);
      }),
      { numRuns: 200 },
    );
  });

  test('with any JSON value', () => {
    fc.assert(
      fc.property(fc.array(json, { minLength: 1 }), (values) => {
        const sent = values.map((value, n) => reply(String(n), [value]));
        const received = decodeServerPack(onTheWire(packOf(...sent)));
        expect(received.map((message) => !isMalformed(message) && valueOf(message))).toEqual(
          values.map((value) => [value]),
        );
      }),
    );
  });

  test.each(TURNING_POINTS)('with bodies of %i bytes or characters', (length) => {
    const values = [
      Buffer.alloc(length, 7),
      ...['a', 'é', '語', '\0', '"', '\\', '\u2028', '\ufeff'].map((one) => one.repeat(length)),
    ];
    const sent = values.map((value, n) => request(String(n), value));
    const received = decodeClientPack(onTheWire(packOf(...sent)));
    const shown = (value: unknown) => (Buffer.isBuffer(value) ? value.toString('latin1') : value);
    expect(received.map((message) => !isMalformed(message) && shown(valueOf(message)))).toEqual(
      values.map(shown),
    );
  });
});

test('the example in PROTOCOL.md decodes to what the page says', () => {
  const page = readFileSync(new URL('../../PROTOCOL.md', import.meta.url), 'utf8');
  const [, chapter = ''] = page.split('## Several messages in one');
  const [, block = ''] = /```json\n(.*?)```/s.exec(chapter) ?? [];
  const stored = Buffer.from('stored');
  expect(decodeClientPack([EMPTY, Buffer.from('PACK'), Buffer.from(block), stored])).toEqual([
    {
      type: 'request',
      dialect: 'negotiated',
      id: '17',
      body: new InlineBody([1, 2]),
      headers: { pattern: 'sum', type: 'json', attempt: 1, credit: 16 },
    },
    {
      type: 'request',
      dialect: 'negotiated',
      id: '18',
      body: new InlineBody([3, 4]),
      headers: { pattern: 'sum', type: 'json', attempt: 1, credit: 16 },
    },
    {
      type: 'request',
      dialect: 'negotiated',
      id: '19',
      body: stored,
      headers: { pattern: 'store', type: 'bytes', attempt: 1 },
    },
    { type: 'cancel', id: '16' },
    { type: 'credit', id: '12', values: 128 },
    {
      type: 'event',
      id: '20',
      body: new InlineBody(undefined),
      headers: { pattern: 'ping', type: 'json', attempt: 1 },
    },
  ]);
});

describe('a pack is recognized', () => {
  test.each<[string, Frames, boolean]>([
    ['by its command', rawPack([]), true],
    ['even if malformed', rawPack([]).slice(0, 2), true],
    ['not without an empty frame before', rawPack([]).slice(1), false],
    ['not by a command that is longer', [EMPTY, Buffer.from('PACKS'), EMPTY], false],
    ['not by one in small letters', [EMPTY, Buffer.from('pack'), EMPTY], false],
    ['not by a command behind a frame that is not empty', onTheWire(['x', 'PACK', '[]']), false],
    ['not by an empty frame alone', [EMPTY], false],
    ['not without frames', [], false],
  ])('%s', (_, frames, expected) => {
    expect(isPack(frames)).toBe(expected);
  });
});

describe('a malformed pack is rejected as a whole', () => {
  const withBlock = (block: string | Buffer) => onTheWire([EMPTY, 'PACK', block]);
  /** The result at both sides. */
  const decoded = (frames: Frames) => [...decodeClientPack(frames), ...decodeServerPack(frames)];
  const refused = (reason: Malformed['reason']) => [malformed(reason), malformed(reason)];

  test('without a block', () => {
    expect(decoded(rawPack([]).slice(0, 2))).toEqual(refused('invalid-pack'));
  });

  test.each(['null', '0', '"ACK"', '{}', '{"length":1}', '{"0":["GOODBYE"]}'])(
    'with the block %s',
    (block) => {
      expect(decoded(withBlock(block))).toEqual(refused('invalid-pack'));
    },
  );

  test.each(['', '[', '[["GOODBYE"],]', '[["GOODBYE"]] []', "[['GOODBYE']]", '\ufeff[]'])(
    'with a block that is not JSON: %j',
    (block) => {
      expect(decoded(withBlock(block))).toEqual(refused('invalid-json'));
    },
  );

  test('with a block that is not UTF-8', () => {
    expect(decoded(withBlock(notUtf8))).toEqual(refused('invalid-utf8'));
  });

  test('with one message too many', () => {
    const holding = (count: number) => rawPack(Array.from({ length: count }, () => ['GOODBYE']));
    const most = decodeClientPack(holding(MOST_MESSAGES));
    expect(most).toHaveLength(MOST_MESSAGES);
    expect(most.every(({ type }) => type === 'goodbye')).toBe(true);
    expect(decodeServerPack(holding(MOST_MESSAGES))).toEqual(most);
    expect(decoded(holding(MOST_MESSAGES + 1))).toEqual(refused('invalid-pack'));
    expect(decoded(withBlock(`[${'0,'.repeat(500_000)}0]`))).toEqual(refused('invalid-pack'));
  });

  test('with a block one byte too large', () => {
    const goodbye = '[["GOODBYE"]]';
    const ofBytes = (length: number) => withBlock(goodbye.padEnd(length));
    expect(decodeClientPack(ofBytes(MOST_BLOCK_BYTES))).toEqual([{ type: 'goodbye' }]);
    expect(decodeServerPack(ofBytes(MOST_BLOCK_BYTES))).toEqual([{ type: 'goodbye' }]);
    expect(decoded(ofBytes(MOST_BLOCK_BYTES + 1))).toEqual(refused('invalid-pack'));
  });

  test('while large bodies in frames of their own do not count', () => {
    const large = Buffer.alloc(2 * MOST_BLOCK_BYTES);
    const [message] = toClient([['REPLY', '1', { status: 'last', type: 'bytes' }, null, 0]], large);
    expect(message && 'body' in message && message.body).toBe(large);
  });
});

test('an id of 256 bytes and a credit of one value are valid', () => {
  const longest = 'x'.repeat(256);
  expect(
    toServer([
      ['CANCEL', longest],
      ['CREDIT', '1', 1],
    ]),
  ).toEqual([
    { type: 'cancel', id: longest },
    { type: 'credit', id: '1', values: 1 },
  ]);
  expect(toClient([['ACK', longest]])).toEqual([ack(longest)]);
});

test('an empty pack contains no messages', () => {
  expect(toServer([])).toEqual([]);
  expect(toClient([])).toEqual([]);
});

describe('a malformed message does not affect its neighbours', () => {
  const sum = { pattern: 'sum' };
  const goodRequest = {
    type: 'request',
    dialect: 'negotiated',
    id: 'good',
    body: new InlineBody(1),
    headers: { pattern: 'sum', type: 'json', attempt: 1 },
  };
  const goodReply = {
    type: 'reply',
    dialect: 'negotiated',
    id: 'good',
    body: new InlineBody(1),
    headers: { status: 'last', type: 'json' },
  };

  test.each<[string, unknown, Malformed['reason']]>([
    ['null', null, 'invalid-pack'],
    ['text', 'GOODBYE', 'invalid-pack'],
    ['an object', { 0: 'GOODBYE' }, 'invalid-pack'],
    ['a PING', ['PING', '1', 'now'], 'unknown-command'],
    ['a PING without an id', ['PING'], 'unknown-command'],
    ['a pack', ['PACK', '[["GOODBYE"]]'], 'unknown-command'],
    ['a pack of JSON', ['PACK', [['GOODBYE']]], 'unknown-command'],
    ['nothing', [], 'unknown-command'],
    ['a command in small letters', ['goodbye'], 'unknown-command'],
    ['a command in a list', [['REQUEST'], '1', sum], 'unknown-command'],
    ['what only servers say', ['ACK', '1'], 'unknown-command'],
    ['a reply', ['REPLY', '1', { status: 'last' }], 'unknown-command'],
    ['no id', ['CANCEL'], 'invalid-pack'],
    ['an id that is a number', ['CANCEL', 1], 'invalid-pack'],
    ['an id of 257 bytes', ['CANCEL', 'x'.repeat(257)], 'invalid-pack'],
    ['a request whose id has 257 bytes', ['REQUEST', 'x'.repeat(257), 0, 1], 'invalid-pack'],
    ['a request whose id is a number', ['REQUEST', 1, 0, 1], 'invalid-pack'],
    ['an event without an id', ['EVENT', null, 0, 1], 'invalid-pack'],
    ['no headers', ['REQUEST', '1'], 'invalid-headers'],
    ['headers without a pattern', ['EVENT', '1', {}], 'invalid-headers'],
    ['a deep pattern', ['REQUEST', '1', { pattern: nested(17) }], 'invalid-headers'],
    ['no credit', ['CREDIT', '1'], 'invalid-credit'],
    ['a credit of nothing', ['CREDIT', '1', 0], 'invalid-credit'],
    ['less', ['CREDIT', '1', -1], 'invalid-credit'],
    ['a fraction', ['CREDIT', '1', 1.5], 'invalid-credit'],
    ['a credit beyond all numbers', ['CREDIT', '1', 2 ** 53], 'invalid-credit'],
    ['a credit in digits', ['CREDIT', '1', '1'], 'invalid-credit'],
    ['a credit of no id', ['CREDIT', null, 1], 'invalid-pack'],
  ])('from clients: %s', (_, nonsense, reason) => {
    expect(
      toServer([['REQUEST', 'good', sum, 1], nonsense, ['REQUEST', 'good', 0, 1], ['GOODBYE']]),
    ).toEqual([goodRequest, malformed(reason), goodRequest, { type: 'goodbye' }]);
  });

  test.each<[string, unknown, Malformed['reason']]>([
    ['null', null, 'invalid-pack'],
    ['a PONG', ['PONG', '1', 'now'], 'unknown-command'],
    ['a pack', ['PACK', '[["GOODBYE"]]'], 'unknown-command'],
    ['what only clients say', ['CANCEL', '1'], 'unknown-command'],
    ['a request', ['REQUEST', '1', sum], 'unknown-command'],
    ['no id', ['ACK'], 'invalid-pack'],
    ['an id of 257 bytes', ['ACK', 'x'.repeat(257)], 'invalid-pack'],
    ['a reply whose id is a number', ['REPLY', 1, 0, 1], 'invalid-pack'],
    ['no headers', ['REPLY', '1'], 'invalid-headers'],
    ['a status of its own', ['REPLY', '1', { status: 'done' }], 'invalid-headers'],
  ])('from servers: %s', (_, nonsense, reason) => {
    expect(
      toClient([
        ['REPLY', 'good', { status: 'last' }, 1],
        nonsense,
        ['REPLY', 'good', 0, 1],
        ['GOODBYE'],
      ]),
    ).toEqual([goodReply, malformed(reason), goodReply, { type: 'goodbye' }]);
  });

  test('headers can be referred to even if their own message is malformed', () => {
    expect(
      toServer([
        ['REQUEST', 17, sum, 1],
        ['EVENT', '18', { pattern: 'other' }, null, 9],
        ['REQUEST', 'good', 0, 1],
        ['EVENT', '20', 1, 2],
      ]),
    ).toEqual([
      invalid,
      invalid,
      goodRequest,
      {
        type: 'event',
        id: '20',
        body: new InlineBody(2),
        headers: { pattern: 'other', type: 'json', attempt: 1 },
      },
    ]);
    expect(
      toClient([
        ['REPLY', null, { status: 'next' }],
        ['REPLY', '1', { status: 'last' }, null, -1],
        ['REPLY', 'good', 1, 1],
      ]),
    ).toEqual([invalid, invalid, goodReply]);
  });

  test('only objects count as headers that can be referred to', () => {
    const others = ['sum', null, [], true];
    expect(
      toServer([
        ...others.map((other) => ['REQUEST', '1', other, 1]),
        ['REQUEST', 'good', sum, 1],
        ['REQUEST', 'good', 0, 1],
      ]),
    ).toEqual([...others.map(() => malformed('invalid-headers')), goodRequest, goodRequest]);
  });

  test('a body of the wrong type is found when it is decoded', () => {
    const headers = { pattern: 'sum', type: 'bytes' };
    const [first, second] = toServer([
      ['REQUEST', '1', headers, [1]],
      ['REQUEST', '2', 0],
    ]);
    expect(first && said(first)).toMatchObject({ body: invalid });
    expect(second && said(second)).toMatchObject({ body: invalid });
  });
});

describe('an invalid reference makes its message malformed', () => {
  const wrong: [string, string][] = [
    ['one too many', '1'],
    ['a negative one', '-1'],
    ['a fraction', '0.5'],
    ['one beyond all numbers', '1e999'],
    ['a huge one', '4294967296'],
    ['digits', '"0"'],
    ['the name of something else', '"length"'],
    ['nothing', 'null'],
    ['a yes', 'true'],
    ['a list of one', '[0]'],
    ['an empty list', '[]'],
    ['an object that cannot become a number', '{"valueOf":0,"toString":0}'],
    ['100 000 levels', deepArray],
  ];

  test.each(wrong)('to headers: %s', (_, reference) => {
    const block = (first: string) => `[${first},["EVENT","2",${reference},1]]`;
    const decode = (text: string) =>
      decodeClientPack([EMPTY, Buffer.from('PACK'), Buffer.from(text)])[1];
    expect(decode(block('["EVENT","1",{"pattern":"a"},1]'))).toEqual(malformed('invalid-headers'));
    expect(decode(block('["GOODBYE"]'))).toEqual(malformed('invalid-headers'));
  });

  test.each(wrong)('to a frame: %s', (_, reference) => {
    const frames = (block: string) => [
      EMPTY,
      Buffer.from('PACK'),
      Buffer.from(block),
      Buffer.from('1'),
    ];
    expect(decodeClientPack(frames(`[["EVENT","1",{"pattern":"a"},null,${reference}]]`))).toEqual([
      invalid,
    ]);
    expect(decodeServerPack(frames(`[["REPLY","1",{"status":"last"},null,${reference}]]`))).toEqual(
      [invalid],
    );
  });

  test('to later headers', () => {
    expect(
      toServer([
        ['REQUEST', '1', 0, 1],
        ['REQUEST', '2', { pattern: 'a' }, 1],
      ])[0],
    ).toEqual(malformed('invalid-headers'));
  });

  test('to malformed headers', () => {
    expect(
      toServer([
        ['REQUEST', '1', { pattern: 1 }],
        ['REQUEST', '2', 0],
      ]),
    ).toEqual(Array(2).fill(malformed('invalid-headers')));
  });
});

test('keys like __proto__ pollute nothing', () => {
  const before = Object.getOwnPropertyNames(Object.prototype);
  for (const key of wickedKeys) {
    const wicked = `{"${key}":{"polluted":true,"pattern":"a","status":"last"}}`;
    const block = `[["REQUEST","${key}",{"pattern":${wicked},"metadata":${wicked}},${wicked}],
      ["REPLY","1",${wicked},${wicked}],["EVENT","2",${wicked},1],${wicked},["${key}","3"],
      ["REQUEST","4","${key}",1],["REPLY","5",{"status":"last"},null,"${key}"]]`;
    const frames = [EMPTY, Buffer.from('PACK'), Buffer.from(block), Buffer.from('1')];
    const [first, ...others] = decodeClientPack(frames);
    if (first?.type !== 'request') throw new Error('expected a request');
    expect(valueOf(first)).toEqual(JSON.parse(wicked));
    expect(others.every(isMalformed)).toBe(true);
    expect(decodeServerPack(frames).every(isMalformed)).toBe(true);
  }
  expect(Object.getOwnPropertyNames(Object.prototype)).toEqual(before);
  expect({}).not.toHaveProperty('polluted');
});

describe('decoding a pack never throws', () => {
  /** Decodes the pack as both sides would; each body in it decodes or is malformed. */
  function makesSense(pack: Frames): boolean {
    const messages = [...decodeClientPack(pack), ...decodeServerPack(pack)];
    return messages.map(said).every((message) => 'type' in message);
  }

  const reference = fc.oneof(
    fc.constantFrom<unknown>(0, 1, -1, 0.5, '0', null, { valueOf: 0, toString: 0 }),
    json,
  );
  const entry = fc
    .tuple(
      fc.oneof(
        { weight: 4, arbitrary: fc.constantFrom<unknown>('REQUEST', 'EVENT', 'REPLY', 'CREDIT') },
        { weight: 1, arbitrary: json },
      ),
      fc.oneof({ weight: 4, arbitrary: id }, { weight: 1, arbitrary: json }),
      fc.oneof(
        fc.constantFrom<unknown>(
          { pattern: 'a' },
          { status: 'last' },
          { status: 'next', type: 'bytes' },
        ),
        reference,
      ),
      json,
      reference,
    )
    .chain((parts) => fc.nat({ max: 5 }).map((length): unknown[] => parts.slice(0, length)));

  test('for entries that are nearly valid', () => {
    fc.assert(
      fc.property(
        fc.array(fc.oneof({ weight: 6, arbitrary: entry }, json), { maxLength: 8 }),
        fc.array(anyFrame, { maxLength: 2 }),
        (block, large) => {
          expect(makesSense(rawPack(block, ...large))).toBe(true);
        },
      ),
      { numRuns: 2000 },
    );
  });

  test('for any JSON value', () => {
    fc.assert(
      fc.property(json, fc.array(anyFrame, { maxLength: 2 }), (block, large) => {
        expect(makesSense(rawPack(block, ...large))).toBe(true);
      }),
      { numRuns: 1000 },
    );
  });

  test.each([
    ['lists', deepArray],
    ['objects', deepObject],
    ['lists for a message', `[["REQUEST",${deepArray}]]`],
    ['lists for headers', `[["REQUEST","1",${deepArray}]]`],
    ['lists for a body', `[["REQUEST","1",{"pattern":"a"},${deepArray}]]`],
    ['lists for the number of a frame', `[["REPLY","1",{"status":"last"},null,${deepArray}]]`],
  ])('100 000 levels of %s', (_, block) => {
    expect(makesSense([EMPTY, Buffer.from('PACK'), Buffer.from(block)])).toBe(true);
  });

  test('for any bytes', () => {
    const octets = fc.oneof(
      bytes,
      anyString.map((sent) => Buffer.from(sent)),
      anyFrame,
    );
    fc.assert(
      fc.property(octets, fc.array(anyFrame, { maxLength: 3 }), (block, large) => {
        expect(makesSense([EMPTY, Buffer.from('PACK'), block, ...large])).toBe(true);
      }),
      { numRuns: 1000 },
    );
  });

  const few = fc.array(packableByClient, { minLength: 1, maxLength: 3 });

  test('for a truncated block, which yields no messages', () => {
    fc.assert(
      fc.property(few, fc.nat(), (sent, at) => {
        const [delimiter = EMPTY, command = EMPTY, block = EMPTY, ...large] = onTheWire(
          packOf(...sent),
        );
        const cut = block.subarray(0, at % block.length);
        const [only, ...others] = decodeClientPack([delimiter, command, cut, ...large]);
        expect(only && isMalformed(only)).toBe(true);
        expect(others).toEqual([]);
      }),
      { numRuns: 300 },
    );
  });

  test('for a block with one changed byte', () => {
    fc.assert(
      fc.property(few, fc.nat(), fc.nat({ max: 255 }), (sent, at, byte) => {
        const [delimiter = EMPTY, command = EMPTY, block = EMPTY, ...large] = onTheWire(
          packOf(...sent),
        );
        block[at % block.length] = byte;
        expect(makesSense([delimiter, command, block, ...large])).toBe(true);
      }),
      { numRuns: 1000 },
    );
  });

  test('for large frames that are removed, added or swapped', () => {
    fc.assert(
      fc.property(few, fc.array(anyFrame, { maxLength: 3 }), (sent, others) => {
        const [delimiter = EMPTY, command = EMPTY, block = EMPTY, ...large] = onTheWire(
          packOf(...sent),
        );
        const changed = [large.slice(1), [...large, ...others], large.toReversed()];
        expect(changed.map((frames) => makesSense([delimiter, command, block, ...frames]))).toEqual(
          [true, true, true],
        );
      }),
    );
  });
});
