import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { isMalformed } from '../../lib/protocol/malformed.js';
import {
  decodeClientMessage,
  decodeServerMessage,
  encodeClientMessage,
  encodeServerMessage,
} from '../../lib/protocol/plain-frames.js';
import { onTheWire } from '../support/wire.js';
import {
  anyFrames,
  anyString,
  clientMessage,
  type PlainClientMessage,
  type PlainServerMessage,
  serverMessage,
} from './arbitraries.js';
import { deepArray, deepObject, malformed, notUtf8 } from './hostile.js';
import { fixSeed } from '../support/fix-seed.js';

fixSeed(7);

/** One byte per character, as in an id. */
const frames = (...parts: (string | Buffer)[]) =>
  parts.map((part) => (typeof part === 'string' ? Buffer.from(part, 'latin1') : part));

const id = '\0\xff\x01';
const time = '\0\x80';
const body = Buffer.from('[1,2]');
const hello = {
  protocol: 2,
  id: 'server-1',
  capabilities: ['stream'],
  state: 'ready',
  load: 0.25,
} as const;
const helloJson =
  '{"protocol":2,"id":"server-1","capabilities":["stream"],"state":"ready","load":0.25}';

const fromClient: [string, Buffer[], PlainClientMessage][] = [
  ['basic PING', frames('', 'PING'), { type: 'ping', dialect: 'basic' }],
  ['tracked PING', frames('', 'PING', id, time), { type: 'ping', dialect: 'tracked', id, time }],
  [
    'negotiated PING',
    frames('', 'PING', id, time, helloJson),
    { type: 'ping', dialect: 'negotiated', id, time, hello },
  ],
  ['basic REQUEST', frames('', 'REQUEST', body), { type: 'request', dialect: 'basic', body }],
  [
    'tracked REQUEST',
    frames('', 'REQUEST', id, body),
    { type: 'request', dialect: 'tracked', id, body },
  ],
  [
    'negotiated REQUEST',
    frames('', 'REQUEST', id, body, '{"pattern":"sum","timeout":4000,"attempt":2}'),
    {
      type: 'request',
      dialect: 'negotiated',
      id,
      body,
      headers: { pattern: 'sum', type: 'json', timeout: 4000, attempt: 2 },
    },
  ],
  [
    'EVENT',
    frames('', 'EVENT', id, body, '{"pattern":"sold","metadata":{"tracestate":"a=1"}}'),
    {
      type: 'event',
      id,
      body,
      headers: { pattern: 'sold', type: 'json', attempt: 1, metadata: { tracestate: 'a=1' } },
    },
  ],
  ['CANCEL', frames('', 'CANCEL', id), { type: 'cancel', id }],
  ['CREDIT', frames('', 'CREDIT', id, '16'), { type: 'credit', id, values: 16 }],
  ['GOODBYE', frames('', 'GOODBYE'), { type: 'goodbye' }],
];

const fromServer: [string, Buffer[], PlainServerMessage][] = [
  [
    'basic PONG',
    frames('', 'PONG', 'server-1'),
    { type: 'pong', dialect: 'basic', serverId: 'server-1' },
  ],
  ['tracked PONG', frames('', 'PONG', id, time), { type: 'pong', dialect: 'tracked', id, time }],
  [
    'negotiated PONG',
    frames('', 'PONG', id, time, helloJson),
    { type: 'pong', dialect: 'negotiated', id, time, hello },
  ],
  ['basic REPLY', frames('', 'REPLY', body), { type: 'reply', dialect: 'basic', body }],
  ['tracked REPLY', frames('', 'REPLY', id, body), { type: 'reply', dialect: 'tracked', id, body }],
  [
    'negotiated REPLY',
    frames('', 'REPLY', id, body, '{"status":"last"}'),
    { type: 'reply', dialect: 'negotiated', id, body, headers: { status: 'last', type: 'json' } },
  ],
  ['ACK', frames('', 'ACK', id), { type: 'ack', id }],
  ['GOODBYE', frames('', 'GOODBYE'), { type: 'goodbye' }],
  ['DENIED', frames('', 'DENIED'), { type: 'denied' }],
];

describe('the table in PROTOCOL.md', () => {
  test.each(fromClient)('%s, in both directions', (_, wire, message) => {
    expect(onTheWire(encodeClientMessage(message))).toEqual(wire);
    expect(decodeClientMessage(wire)).toEqual(message);
  });

  test.each(fromServer)('%s, in both directions', (_, wire, message) => {
    expect(onTheWire(encodeServerMessage(message))).toEqual(wire);
    expect(decodeServerMessage(wire)).toEqual(message);
  });
});

describe('every message round-trips', () => {
  test('from clients', () => {
    fc.assert(
      fc.property(clientMessage, (message) => {
        expect(decodeClientMessage(onTheWire(encodeClientMessage(message)))).toEqual(message);
      }),
      { numRuns: 300 },
    );
  });

  test('from servers', () => {
    fc.assert(
      fc.property(serverMessage, (message) => {
        expect(decodeServerMessage(onTheWire(encodeServerMessage(message)))).toEqual(message);
      }),
      { numRuns: 300 },
    );
  });
});

describe('text need not be converted to bytes before sending', () => {
  const negotiated = { type: 'request', dialect: 'negotiated', id: '1' } as const;
  const headers = { pattern: 'sum', type: 'text', attempt: 1 } as const;

  test('a text body is the same message as its bytes', () => {
    fc.assert(
      fc.property(anyString, (sent) => {
        const asText = encodeClientMessage({ ...negotiated, body: sent, headers });
        const asBytes = encodeClientMessage({ ...negotiated, body: Buffer.from(sent), headers });
        expect(onTheWire(asText)).toEqual(onTheWire(asBytes));
      }),
    );
  });

  test('an id stays text only if each character is one byte in every encoding', () => {
    expect(encodeServerMessage({ type: 'ack', id: '42' })[2]).toBe('42');
    expect(encodeServerMessage({ type: 'ack', id })[2]).toEqual(Buffer.from([0, 255, 1]));
  });
});

describe('decoding never throws, and returns valid messages', () => {
  test('from clients', () => {
    fc.assert(
      fc.property(anyFrames, (received) => {
        const decoded = decodeClientMessage(received);
        const again = isMalformed(decoded)
          ? decoded
          : decodeClientMessage(onTheWire(encodeClientMessage(decoded as PlainClientMessage)));
        expect(again).toEqual(decoded);
      }),
      { numRuns: 500 },
    );
  });

  test('from servers', () => {
    fc.assert(
      fc.property(anyFrames, (received) => {
        const decoded = decodeServerMessage(received);
        const again = isMalformed(decoded)
          ? decoded
          : decodeServerMessage(onTheWire(encodeServerMessage(decoded as PlainServerMessage)));
        expect(again).toEqual(decoded);
      }),
      { numRuns: 500 },
    );
  });
});

describe('a message without its envelope is malformed', () => {
  test.each([
    ['no frames', []],
    ['the delimiter alone', frames('')],
    ['no delimiter', frames('PING')],
    ['a delimiter that is not empty', frames(' ', 'PING')],
    ['a routing id in front', frames(id, '', 'PING')],
  ])('%s', (_, received) => {
    expect(decodeClientMessage(received)).toEqual(malformed('no-delimiter'));
    expect(decodeServerMessage(received)).toEqual(malformed('no-delimiter'));
  });
});

describe('a command must match byte for byte', () => {
  test.each(['', 'ping', 'PING ', 'PIN', 'REQUESTS', 'GOODBYE!', 'PONG', 'REPLY', 'ACK', notUtf8])(
    'a server does not know %j',
    (command) => {
      const received = frames('', command, id, body);
      expect(decodeClientMessage(received)).toEqual(malformed('unknown-command'));
    },
  );

  test.each([
    '',
    'pong',
    'PONG\0',
    'PON',
    'REPLYS',
    'GOODBYES',
    'PING',
    'REQUEST',
    'EVENT',
    'CANCEL',
    'CREDIT',
    notUtf8,
  ])('a client does not know %j', (command) => {
    const received = frames('', command, id, body);
    expect(decodeServerMessage(received)).toEqual(malformed('unknown-command'));
  });
});

describe('the number of frames must be that of a dialect', () => {
  test.each([
    ['PING with one argument', frames('', 'PING', id)],
    ['PING with four', frames('', 'PING', id, time, helloJson, '')],
    ['REQUEST with none', frames('', 'REQUEST')],
    ['REQUEST with four', frames('', 'REQUEST', id, body, '{"pattern":"a"}', '')],
    ['EVENT without an id', frames('', 'EVENT')],
    ['EVENT without a body', frames('', 'EVENT', id)],
    ['EVENT without headers', frames('', 'EVENT', id, body)],
    ['EVENT with four', frames('', 'EVENT', id, body, '{"pattern":"a"}', '')],
    ['CANCEL with none', frames('', 'CANCEL')],
    ['CANCEL with two', frames('', 'CANCEL', id, id)],
    ['CREDIT with none', frames('', 'CREDIT')],
    ['CREDIT with one', frames('', 'CREDIT', id)],
    ['CREDIT with three', frames('', 'CREDIT', id, '1', '')],
    ['GOODBYE with one', frames('', 'GOODBYE', '')],
  ])('%s', (_, received) => {
    expect(decodeClientMessage(received)).toEqual(malformed('wrong-frame-count'));
  });

  test.each([
    ['PONG with no argument', frames('', 'PONG')],
    ['PONG with four', frames('', 'PONG', id, time, helloJson, '')],
    ['REPLY with none', frames('', 'REPLY')],
    ['REPLY with four', frames('', 'REPLY', id, body, '{"status":"last"}', '')],
    ['ACK with none', frames('', 'ACK')],
    ['ACK with two', frames('', 'ACK', id, id)],
    ['GOODBYE with one', frames('', 'GOODBYE', '')],
    ['DENIED with one', frames('', 'DENIED', '')],
  ])('%s', (_, received) => {
    expect(decodeServerMessage(received)).toEqual(malformed('wrong-frame-count'));
  });

  test('a million frames are too many', () => {
    const many = [...frames('', 'REQUEST'), ...Array<Buffer>(1_000_000).fill(Buffer.from(id))];
    expect(decodeClientMessage(many)).toEqual(malformed('wrong-frame-count'));
  });

  test('empty frames count: they are valid ids and bodies', () => {
    const empty = Buffer.alloc(0);
    expect(decodeClientMessage(frames('', 'REQUEST', ''))).toEqual({
      type: 'request',
      dialect: 'basic',
      body: empty,
    });
    expect(decodeServerMessage(frames('', 'REPLY', '', ''))).toEqual({
      type: 'reply',
      dialect: 'tracked',
      id: '',
      body: empty,
    });
    expect(decodeServerMessage(frames('', 'PONG', ''))).toEqual({
      type: 'pong',
      dialect: 'basic',
      serverId: '',
    });
    expect(decodeServerMessage(frames('', 'REPLY', '', '', ''))).toEqual(malformed('invalid-json'));
  });
});

describe('a credit is a positive integer in digits', () => {
  const credit = (count: string | Buffer) =>
    decodeClientMessage(frames('', 'CREDIT', id, Buffer.from(count)));

  test.each(['1', '256', '9007199254740991'])('%s', (count) => {
    expect(credit(count)).toEqual({ type: 'credit', id, values: Number(count) });
  });

  test.each([
    '',
    '0',
    '01',
    '-1',
    '+1',
    '1.5',
    '1e3',
    '0x10',
    ' 1',
    '1\n',
    '1\n2',
    'Infinity',
    '[1]',
    '\u0661',
    '9007199254740993',
    notUtf8,
  ])('not %j', (count) => {
    expect(credit(count)).toEqual(malformed('invalid-credit'));
  });

  test('a hundred thousand digits are rejected', () => {
    expect(credit('9'.repeat(100_000))).toEqual(malformed('invalid-credit'));
  });
});

describe('what is kept of a peer, or echoed to it, is bounded to 256 bytes', () => {
  const headers = '{"pattern":"a"}';
  const long = 'x'.repeat(257);

  test.each([
    ['the id of a PING', (text: string) => frames('', 'PING', text, time)],
    ['the id of a PING with a hello', (text: string) => frames('', 'PING', text, time, '{}')],
    ['the time of a PING', (text: string) => frames('', 'PING', id, text)],
    ['the time of a PING with a hello', (text: string) => frames('', 'PING', id, text, '{}')],
    ['the id of a tracked REQUEST', (text: string) => frames('', 'REQUEST', text, body)],
    ['the id of a REQUEST', (text: string) => frames('', 'REQUEST', text, body, headers)],
    ['the id of an EVENT', (text: string) => frames('', 'EVENT', text, body, headers)],
    ['the id of a CANCEL', (text: string) => frames('', 'CANCEL', text)],
    ['the id of a CREDIT', (text: string) => frames('', 'CREDIT', text, '1')],
  ])('from clients: %s', (_what, of) => {
    expect(decodeClientMessage(of(long))).toEqual(malformed('invalid-id'));
    expect(decodeClientMessage(of(long.slice(1)))).not.toHaveProperty('reason');
  });

  test.each([
    ['the name of a basic server', (text: string) => frames('', 'PONG', text)],
    ['the id of a PONG', (text: string) => frames('', 'PONG', text, time, '{}')],
    ['the time of a PONG', (text: string) => frames('', 'PONG', id, text)],
    ['the id of a tracked REPLY', (text: string) => frames('', 'REPLY', text, body)],
    ['the id of a REPLY', (text: string) => frames('', 'REPLY', text, body, '{"status":"end"}')],
    ['the id of an ACK', (text: string) => frames('', 'ACK', text)],
  ])('from servers: %s', (_what, of) => {
    expect(decodeServerMessage(of(long))).toEqual(malformed('invalid-id'));
    expect(decodeServerMessage(of(long.slice(1)))).not.toHaveProperty('reason');
  });

  test('the body of a basic REQUEST is not', () => {
    expect(decodeClientMessage(frames('', 'REQUEST', long))).not.toHaveProperty('reason');
  });
});

describe('a malformed last frame makes the message malformed', () => {
  test.each([
    ['a hello that is cut short', frames('', 'PING', id, time, '{"id":'), 'invalid-json'],
    ['a hello of a wrong shape', frames('', 'PING', id, time, '{"id":1}'), 'invalid-hello'],
    ['a deep hello', frames('', 'PING', id, time, deepArray), 'invalid-hello'],
    ['a hello that is not UTF-8', frames('', 'PING', id, time, notUtf8), 'invalid-utf8'],
    ['headers that are cut short', frames('', 'REQUEST', id, body, '{'), 'invalid-json'],
    ['headers without a pattern', frames('', 'REQUEST', id, body, '{}'), 'invalid-headers'],
    [
      'a deep pattern',
      frames('', 'REQUEST', id, body, `{"pattern":${deepObject}}`),
      'invalid-headers',
    ],
    ['headers that are not UTF-8', frames('', 'REQUEST', id, body, notUtf8), 'invalid-utf8'],
    ['an event without a pattern', frames('', 'EVENT', id, body, '{}'), 'invalid-headers'],
    ['an event of deep headers', frames('', 'EVENT', id, body, deepArray), 'invalid-headers'],
  ] as const)('from clients: %s', (_, received, reason) => {
    expect(decodeClientMessage(received)).toEqual(malformed(reason));
  });

  test.each([
    ['a server id that is not UTF-8', frames('', 'PONG', notUtf8), 'invalid-utf8'],
    ['a hello of a wrong shape', frames('', 'PONG', id, time, '[]'), 'invalid-hello'],
    ['a deep hello', frames('', 'PONG', id, time, deepObject.replace('a', 'id')), 'invalid-hello'],
    [
      'headers of more than 16 KiB',
      frames('', 'REPLY', id, body, `{"status":"end","x":"${'x'.repeat(16 * 1024)}"}`),
      'invalid-headers',
    ],
    ['headers without a status', frames('', 'REPLY', id, body, '{}'), 'invalid-headers'],
    ['deep headers', frames('', 'REPLY', id, body, deepArray), 'invalid-headers'],
    ['headers that are not UTF-8', frames('', 'REPLY', id, body, notUtf8), 'invalid-utf8'],
  ] as const)('from servers: %s', (_, received, reason) => {
    expect(decodeServerMessage(received)).toEqual(malformed(reason));
  });
});
