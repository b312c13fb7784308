import * as fc from 'fast-check';
import { expect, test } from 'vitest';
import { joined, LongFrame } from '../../lib/frame.js';
import { decodeBody } from '../../lib/protocol/body.js';
import { isMalformed } from '../../lib/protocol/malformed.js';
import { decodeClientPack, decodeServerPack, isPack } from '../../lib/protocol/pack.js';
import { decodeClientMessage, decodeServerMessage } from '../../lib/protocol/plain-frames.js';
import { decodeText } from '../../lib/protocol/text.js';
import { decodeUntypedReply, decodeUntypedRequest } from '../../lib/protocol/untyped.js';

function inPieces(bytes: Buffer, ...cuts: number[]): LongFrame {
  const ends = [...cuts.map((cut) => cut % (bytes.length + 1)), bytes.length].toSorted(
    (a, b) => a - b,
  );
  return new LongFrame(
    ends.map((end, i) => bytes.subarray(ends[i - 1] ?? 0, end)),
    bytes.length,
  );
}

const cuts = fc.array(fc.nat({ max: 1000 }), { minLength: 1, maxLength: 4 });
const text = fc.oneof(fc.string({ unit: 'binary' }), fc.string({ unit: 'grapheme' }));

test('text reads the same wherever its bytes were cut, within a character, too', () => {
  fc.assert(
    fc.property(text, cuts, (value, at) => {
      const bytes = Buffer.from(value);
      expect(decodeText(inPieces(bytes, ...at))).toEqual(decodeText(bytes));
    }),
  );
});

test('bytes that are not UTF-8 are malformed in pieces, too', () => {
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 50 }), cuts, (value, at) => {
      const bytes = Buffer.from(value);
      expect(decodeText(inPieces(bytes, ...at))).toEqual(decodeText(bytes));
    }),
  );
});

test.each(['json', 'text', 'bytes'] as const)('a body of %s is the same in pieces', (type) => {
  const bytes = Buffer.from('{"größe":[1,2,3],"name":"x"}');
  for (let cut = 0; cut <= bytes.length; cut++)
    expect(decodeBody(inPieces(bytes, cut), { type })).toEqual(decodeBody(bytes, { type }));
});

test('a body of the older dialects is the same in pieces', () => {
  for (const body of ['{"pattern":"sum","data":[1]}', 'just text', '\u{1F600}']) {
    const bytes = Buffer.from(body);
    const pieces = inPieces(bytes, 3, 1);
    expect(decodeUntypedRequest(pieces)).toEqual(decodeUntypedRequest(bytes));
    expect(decodeUntypedReply(pieces)).toEqual(decodeUntypedReply(bytes));
  }
  const noText = Buffer.from([0xff, 0xfe, 0x80]);
  expect(decodeUntypedReply(inPieces(noText, 1))).toEqual(decodeUntypedReply(noText));
});

const EMPTY = Buffer.alloc(0);
const command = fc.constantFrom('PING', 'PONG', 'REQUEST', 'REPLY', 'EVENT', 'CREDIT', 'PACK');
const frame = fc.oneof(
  fc.uint8Array({ maxLength: 30 }).map((bytes) => Buffer.from(bytes)),
  fc.constant(Buffer.from('{"pattern":"x"}')),
  fc.constant(Buffer.from('{"status":"last"}')),
);

test('whichever frames arrive in pieces, decoding neither throws nor answers otherwise', () => {
  fc.assert(
    fc.property(command, fc.array(frame, { maxLength: 4 }), fc.nat(), (name, rest, which) => {
      const whole = [EMPTY, Buffer.from(name), ...rest];
      // The delimiter and the command are never long.
      const cut = whole.map((one, i) => (i > 1 && (which >> i) & 1 ? inPieces(one, 1) : one));
      const plain = (frames: typeof cut) =>
        [
          decodeClientMessage(frames),
          decodeServerMessage(frames),
          decodeClientPack(frames),
          decodeServerPack(frames),
        ].map(withWholeBodies);
      expect(plain(cut)).toEqual(plain(whole));
    }),
  );
});

test('a long frame is not a command', () => {
  const long = inPieces(Buffer.from('REQUEST'.repeat(10_000)), 7);
  for (const frames of [[EMPTY, long], [long], [EMPTY, long, EMPTY]]) {
    expect(isMalformed(decodeClientMessage(frames))).toBe(true);
    expect(isMalformed(decodeServerMessage(frames))).toBe(true);
    expect(isPack(frames)).toBe(false);
  }
});

function withWholeBodies(decoded: object): unknown {
  if (Array.isArray(decoded)) return decoded.map(withWholeBodies);
  const body = 'body' in decoded ? decoded.body : undefined;
  return body instanceof LongFrame ? { ...decoded, body: joined(body) } : decoded;
}
