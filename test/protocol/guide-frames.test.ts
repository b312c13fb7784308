import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { LongFrame } from '../../lib/frame.js';
import {
  decodeAnyClientMessage,
  decodeGuideServerMessage,
} from '../../lib/protocol/guide-frames.js';
import { isMalformed } from '../../lib/protocol/malformed.js';
import type { ClientMessage, ServerMessage } from '../../lib/protocol/messages.js';
import {
  decodeClientMessage,
  decodeServerMessage,
  encodeClientMessage,
  encodeServerMessage,
} from '../../lib/protocol/plain-frames.js';
import { fixSeed } from '../support/fix-seed.js';
import { onTheWire } from '../support/wire.js';
import { anyFrame, anyFrames, bytes, clientMessage, serverMessage } from './arbitraries.js';
import { malformed } from './hostile.js';

fixSeed(8);

/** One byte per character, as in an id. */
const frames = (...parts: string[]) => parts.map((part) => Buffer.from(part, 'latin1'));

/** A frame that is not empty, so that it is no delimiter. */
const control = bytes.filter(({ length }) => length > 0);

describe('the table in PROTOCOL.md', () => {
  const id = '\xff\0\x01';
  const body = Buffer.from('[1,2]');

  test.each<[string, Buffer[], ClientMessage]>([
    ['PING', frames('PING'), { type: 'ping', dialect: 'guide' }],
    ['a request', [...frames(id), body], { type: 'request', dialect: 'guide', id, body }],
  ])('%s, in both directions', (_, wire, message) => {
    expect(onTheWire(encodeClientMessage(message as never))).toEqual(wire);
    expect(decodeAnyClientMessage(wire)).toEqual(message);
  });

  test.each<[string, Buffer[], ServerMessage]>([
    ['PONG', frames('PONG'), { type: 'pong', dialect: 'guide' }],
    ['a reply', [...frames(id), body], { type: 'reply', dialect: 'guide', id, body }],
  ])('%s, in both directions', (_, wire, message) => {
    expect(onTheWire(encodeServerMessage(message as never))).toEqual(wire);
    expect(decodeGuideServerMessage(wire)).toEqual(message);
  });
});

describe('a body', () => {
  test('of several frames keeps them all, empty ones, too', () => {
    const body = frames('', 'two', '');
    const received = [...frames('7'), ...body];
    expect(decodeAnyClientMessage(received)).toEqual({
      type: 'request',
      dialect: 'guide',
      id: '7',
      body,
    });
    expect(decodeGuideServerMessage(received)).toMatchObject({ type: 'reply', body });
  });

  test('may be one empty frame', () => {
    const body = Buffer.alloc(0);
    expect(decodeAnyClientMessage(frames('7', ''))).toMatchObject({ id: '7', body });
    expect(decodeGuideServerMessage(frames('7', ''))).toMatchObject({ id: '7', body });
  });
});

test('whatever has a body is an exchange, since RFC 10 lets the client choose its first frame', () => {
  expect(decodeAnyClientMessage(frames('PING', 'x'))).toMatchObject({
    type: 'request',
    id: 'PING',
  });
  expect(decodeGuideServerMessage(frames('PONG', 'x'))).toMatchObject({
    type: 'reply',
    id: 'PONG',
  });
});

describe('malformed is', () => {
  test.each([
    ['a command of the other dialects', 'REQUEST'],
    ['the word in lower case', 'ping'],
    ['a longer word', 'PINGS'],
    ['what the other side says', 'PONG'],
    ['a number without a body', '7'],
  ])('a single frame with %s', (_what, text) => {
    expect(decodeAnyClientMessage(frames(text))).toEqual(malformed('unknown-command'));
  });

  test.each(['PING', 'pong', '7', 'OK'])('the single frame %s of a server', (text) => {
    expect(decodeGuideServerMessage(frames(text))).toEqual(malformed('unknown-command'));
  });

  test('a first frame of more than 256 bytes, which would be kept and echoed', () => {
    const long = 'x'.repeat(257);
    expect(decodeAnyClientMessage(frames(long, ''))).toEqual(malformed('invalid-id'));
    expect(decodeGuideServerMessage(frames(long, ''))).toEqual(malformed('invalid-id'));
    expect(decodeAnyClientMessage(frames(long.slice(1), ''))).toMatchObject({ type: 'request' });
    expect(decodeGuideServerMessage(frames(long.slice(1), ''))).toMatchObject({ type: 'reply' });
  });

  test('a body of more than 1024 frames', () => {
    const received = Array<Buffer>(1026).fill(Buffer.from('1'));
    expect(decodeAnyClientMessage(received)).toEqual(malformed('wrong-frame-count'));
    expect(decodeGuideServerMessage(received)).toEqual(malformed('wrong-frame-count'));
    expect(decodeAnyClientMessage(received.slice(1))).toMatchObject({ type: 'request' });
    expect(decodeGuideServerMessage(received.slice(1))).toMatchObject({ type: 'reply' });
  });

  test('a long frame in place of a command, which is not joined to be compared', () => {
    const long = new LongFrame([Buffer.from('PI')], 2 ** 30);
    expect(decodeAnyClientMessage([long])).toEqual(malformed('unknown-command'));
    expect(decodeAnyClientMessage([long, Buffer.alloc(0)])).toEqual(malformed('invalid-id'));
  });

  test('no frame at all', () => {
    expect(decodeAnyClientMessage([])).toEqual(malformed('no-delimiter'));
    expect(decodeGuideServerMessage([])).toEqual(malformed('no-delimiter'));
  });
});

describe('messages with an empty first frame', () => {
  test('from clients mean what they mean without this dialect', () => {
    fc.assert(
      fc.property(clientMessage, (message) => {
        const sent = onTheWire(encodeClientMessage(message));
        expect(decodeAnyClientMessage(sent)).toEqual(decodeClientMessage(sent));
      }),
    );
  });

  test('from a server of the guide are not its own, except that it denies a client', () => {
    fc.assert(
      fc.property(serverMessage, (message) => {
        const sent = onTheWire(encodeServerMessage(message));
        const decoded = decodeGuideServerMessage(sent);
        const isDenied = message.type === 'denied';
        expect(decoded).toEqual(isDenied ? message : malformed('unknown-command'));
      }),
    );
    const broken = frames('', 'ACK', 'x'.repeat(300));
    expect(decodeGuideServerMessage(broken)).toEqual(decodeServerMessage(broken));
  });
});

describe('decoding never throws', () => {
  const hostile = fc.oneof(
    anyFrames,
    fc
      .tuple(control, fc.array(anyFrame, { maxLength: 4 }))
      .map(([first, rest]) => [first].concat(rest)),
  );

  test('and returns what encodes to the same frames', () => {
    fc.assert(
      fc.property(hostile, (received) => {
        const decoded = decodeAnyClientMessage(received);
        if (isMalformed(decoded) || received.length !== 2 || received[0]?.length === 0) return;
        expect(onTheWire(encodeClientMessage(decoded as never))).toEqual(received);
      }),
      { numRuns: 500 },
    );
  });

  test('from servers', () => {
    fc.assert(
      fc.property(hostile, (received) => {
        const decoded = decodeGuideServerMessage(received);
        if (isMalformed(decoded) || received.length !== 2 || received[0]?.length === 0) return;
        expect(onTheWire(encodeServerMessage(decoded as never))).toEqual(received);
      }),
      { numRuns: 500 },
    );
  });
});
