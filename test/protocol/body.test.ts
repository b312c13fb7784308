import { runInNewContext } from 'node:vm';
import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import {
  type BodyType,
  decodeBody,
  encodeBody,
  InlineBody,
  Serialized,
} from '../../lib/protocol/body.js';
import { onTheWire } from '../support/wire.js';
import { anyFrame, anyString, bytes, json } from './arbitraries.js';
import { deepArray, deepObject, malformed, notUtf8 } from './hostile.js';
import { fixSeed } from '../support/fix-seed.js';

fixSeed(2);

/** The value as the other side decodes it. */
function sent(value: unknown): unknown {
  const body = encodeBody(value);
  const [received = Buffer.alloc(0)] = onTheWire([body.content]);
  const decoded = decodeBody(received, body);
  return decoded.type === 'value' ? decoded.value : decoded;
}

/** An ArrayBuffer that holds the text. */
function memoryOf(text: string): ArrayBuffer {
  return Uint8Array.from(Buffer.from(text)).buffer;
}

function shared(text: string): SharedArrayBuffer {
  const memory = new SharedArrayBuffer(text.length);
  new Uint8Array(memory).set(Buffer.from(text));
  return memory;
}

describe('a body decodes to the value that was encoded', () => {
  test('JSON values', () => {
    fc.assert(
      fc.property(json, (value) => {
        expect(sent(value)).toEqual(value);
      }),
    );
  });

  test('strings, including lone surrogates', () => {
    fc.assert(
      fc.property(anyString, (value) => {
        expect(sent(value)).toBe(value);
      }),
    );
  });

  test('bytes', () => {
    fc.assert(
      fc.property(bytes, (value) => {
        expect(sent(value)).toEqual(value);
      }),
    );
  });

  test('undefined', () => {
    expect(sent(undefined)).toBeUndefined();
  });
});

describe("the output of a user's serializer", () => {
  test.each<[string, string | Buffer, BodyType]>([
    ['text', 'a "b"', 'text'],
    ['bytes', Buffer.from([0x80, 0]), 'bytes'],
  ])('travels unchanged and is told apart from a value: %s', (_, content, type) => {
    expect(encodeBody(new Serialized(content))).toEqual({ type, content, serialized: true });
    expect(sent(new Serialized(content))).toEqual(new Serialized(content));
    expect(sent(content)).not.toBeInstanceOf(Serialized);
  });

  test('is the same in a pack', () => {
    expect(decodeBody(new InlineBody('a'), { type: 'text', serialized: true })).toEqual({
      type: 'value',
      value: new Serialized('a'),
    });
  });

  test('is malformed if its bytes are', () => {
    expect(decodeBody(notUtf8, { type: 'text', serialized: true })).toEqual(
      malformed('invalid-utf8'),
    );
    expect(decodeBody(new InlineBody(1), { type: 'bytes', serialized: true })).toEqual(
      malformed('invalid-pack'),
    );
  });
});

describe('on the wire', () => {
  test.each<[string, unknown, BodyType, string]>([
    ['a string is its own text', 'a "b"', 'text', 'a "b"'],
    ['an empty string is empty text', '', 'text', ''],
    ['a string of a lone surrogate is JSON', '\uD800', 'json', '"\\ud800"'],
    ['an object is JSON', { a: [1, null] }, 'json', '{"a":[1,null]}'],
    ['null is JSON', null, 'json', 'null'],
    ['undefined is an empty JSON body', undefined, 'json', ''],
    ['a function is an empty JSON body', () => 1, 'json', ''],
    ['a Buffer is its bytes', Buffer.from('abc'), 'bytes', 'abc'],
    ['an ArrayBuffer is its bytes', memoryOf('abc'), 'bytes', 'abc'],
    [
      'an ArrayBuffer of another realm is its bytes',
      runInNewContext('new Uint8Array([97, 98, 99]).buffer'),
      'bytes',
      'abc',
    ],
    [
      'a SharedArrayBuffer of another realm is its bytes',
      runInNewContext('const s = new SharedArrayBuffer(3); new Uint8Array(s).set([97, 98, 99]); s'),
      'bytes',
      'abc',
    ],
    ['shared memory is its bytes', shared('abc'), 'bytes', 'abc'],
    ['a part of shared memory', new Uint8Array(shared('abc'), 1, 1), 'bytes', 'b'],
    ['a Buffer of shared memory', Buffer.from(shared('abc'), 1), 'bytes', 'bc'],
    ['a DataView', new DataView(memoryOf('abc'), 1, 2), 'bytes', 'bc'],
    ['numbers of two bytes', new Uint16Array(memoryOf('abcd'), 2, 1), 'bytes', 'cd'],
    ['numbers of eight bytes', new Float64Array(memoryOf('abcdefgh')), 'bytes', 'abcdefgh'],
    ['BigInts', new BigInt64Array(memoryOf('abcdefgh')), 'bytes', 'abcdefgh'],
    ['an empty view', new Float32Array(), 'bytes', ''],
  ])('%s', (_, value, type, octets) => {
    const { type: written, content } = encodeBody(value);
    expect(written).toBe(type);
    expect(onTheWire([content])).toEqual([Buffer.from(octets)]);
  });

  test('only the viewed part of a buffer is sent', () => {
    const memory = Buffer.from('secret message secret');
    const view = new Uint8Array(memory.buffer, memory.byteOffset + 7, 7);
    expect(encodeBody(view)).toEqual({ type: 'bytes', content: Buffer.from('message') });
  });

  test('bytes are not copied', () => {
    const value = Buffer.from('abc');
    expect(encodeBody(value).content).toBe(value);
    const decoded = decodeBody(value, { type: 'bytes' });
    expect(decoded.type === 'value' && decoded.value).toBe(value);
  });

  test('shared memory is copied, since it may change while it is sent', () => {
    const memory = new Uint8Array(shared('abc'));
    const { content } = encodeBody(memory);
    memory.fill(0);
    expect(content).toEqual(Buffer.from('abc'));
  });

  const cycle: Record<string, unknown> = {};
  cycle['self'] = cycle;

  test.each([
    ['a BigInt', 1n],
    ['a cycle', cycle],
  ])('%s throws a TypeError', (_, value) => {
    expect(() => encodeBody(value)).toThrow(TypeError);
  });
});

describe("a peer's body", () => {
  const octets = Buffer.from([0x80]);

  test.each<[string, BodyType, Buffer, unknown]>([
    ['text that is not UTF-8', 'text', octets, malformed('invalid-utf8')],
    ['JSON that is not UTF-8', 'json', notUtf8, malformed('invalid-utf8')],
    ['invalid JSON', 'json', Buffer.from('{'), malformed('invalid-json')],
    ['bytes that are not UTF-8', 'bytes', octets, { type: 'value', value: octets }],
    ['no JSON at all', 'json', Buffer.alloc(0), { type: 'value', value: undefined }],
    ['no text', 'text', Buffer.alloc(0), { type: 'value', value: '' }],
    ['JSON as text', 'text', Buffer.from('[1]'), { type: 'value', value: '[1]' }],
  ])('%s', (_, type, received, expected) => {
    expect(decodeBody(received, { type })).toEqual(expected);
  });

  test('a value that looks like an error of ours is a value', () => {
    const value = malformed('invalid-json');
    expect(decodeBody(Buffer.from(JSON.stringify(value)), { type: 'json' })).toEqual({
      type: 'value',
      value,
    });
  });

  test.each([
    ['arrays', deepArray],
    ['objects', deepObject],
  ])('100 000 nested %s do not throw', (_, nested) => {
    expect(decodeBody(Buffer.from(nested), { type: 'json' }).type).toBe('value');
  });

  test('decoding never throws', () => {
    const type = fc.constantFrom<BodyType>('json', 'bytes', 'text');
    fc.assert(
      fc.property(anyFrame, type, (received, as) => {
        expect(['value', 'malformed']).toContain(decodeBody(received, { type: as }).type);
      }),
    );
  });

  test('a key __proto__ is an ordinary member and reaches no prototype', () => {
    const decoded = decodeBody(
      Buffer.from('{"__proto__":{"polluted":1},"constructor":{"prototype":{"polluted":1}}}'),
      { type: 'json' },
    );
    const value = decoded.type === 'value' ? (decoded.value as object) : {};
    expect(Object.keys(value)).toEqual(['__proto__', 'constructor']);
    expect(Object.getPrototypeOf(value)).toBe(Object.prototype);
    expect('polluted' in value).toBe(false);
    expect('polluted' in {}).toBe(false);
  });
});
