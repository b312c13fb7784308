import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { encodeBody } from '../../lib/protocol/body.js';
import type { Pattern } from '../../lib/protocol/headers.js';
import {
  decodeUntypedReply,
  decodeUntypedRequest,
  encodeUntypedRequest,
  RAW_PATTERN,
  READINESS_PATTERN,
} from '../../lib/protocol/untyped.js';
import { onTheWire } from '../support/wire.js';
import { anyFrame, anyString, json, pattern, text } from './arbitraries.js';
import { deepArray, deepObject, malformed, notUtf8 } from './hostile.js';
import { fixSeed } from '../support/fix-seed.js';

fixSeed(6);

const encode = (to: Pattern, data: unknown) => {
  const [received = Buffer.alloc(0)] = onTheWire([encodeUntypedRequest(to, encodeBody(data))]);
  return received;
};
const request = (sent: string) => decodeUntypedRequest(Buffer.from(sent));
const reply = (sent: string) => decodeUntypedReply(Buffer.from(sent));

const raw = (data: string) => ({ type: 'untyped-request', pattern: 'REQUEST', data });

test('the reserved patterns match PROTOCOL.md', () => {
  expect(RAW_PATTERN).toBe('REQUEST');
  expect(READINESS_PATTERN).toBe('PING');
});

describe('a request to a peer without a library', () => {
  test.each<[string, Pattern, unknown, string]>([
    ['JSON data', 'sum', [1, 2], '{"pattern":"sum","data":[1,2]}'],
    ['an object for a pattern', { cmd: 'sum' }, 3, '{"pattern":{"cmd":"sum"},"data":3}'],
    ['a string', 'echo', 'a "b"', '{"pattern":"echo","data":"a \\"b\\""}'],
    ['a lone surrogate', 'echo', '\uD800', '{"pattern":"echo","data":"\\ud800"}'],
    [
      'bytes',
      'echo',
      new Uint8Array([1, 255]),
      '{"pattern":"echo","data":{"type":"Buffer","data":[1,255]}}',
    ],
    ['null', 'echo', null, '{"pattern":"echo","data":null}'],
    ['no data', 'time', undefined, '{"pattern":"time"}'],
    ['a quote in a pattern', '"', 1, '{"pattern":"\\"","data":1}'],
    ['raw text', RAW_PATTERN, 'hello "you"', 'hello "you"'],
    ['raw text that is empty', RAW_PATTERN, '', ''],
    ['raw bytes', RAW_PATTERN, Buffer.from('hi'), 'hi'],
    ['JSON to the raw pattern', RAW_PATTERN, [1], '{"pattern":"REQUEST","data":[1]}'],
    ['nothing to the raw pattern', RAW_PATTERN, undefined, '{"pattern":"REQUEST"}'],
  ])('%s', (_, to, data, wire) => {
    expect(encode(to, data).toString()).toBe(wire);
  });

  test('round-trips its pattern and data', () => {
    const data = fc.oneof(json, anyString, fc.constant(undefined));
    fc.assert(
      fc.property(pattern, data, (to, sent) => {
        fc.pre(to !== RAW_PATTERN);
        const expected = { type: 'untyped-request', pattern: to, data: sent };
        expect(decodeUntypedRequest(encode(to, sent))).toEqual(expected);
      }),
    );
  });

  test('of raw text that is not a packet arrives unchanged', () => {
    fc.assert(
      fc.property(text, (sent) => {
        fc.pre(!sent.startsWith('{'));
        expect(decodeUntypedRequest(encode(RAW_PATTERN, sent))).toEqual(raw(sent));
      }),
    );
  });
});

describe('a request from a peer without a library', () => {
  test.each<[string, unknown]>([
    ['{"pattern":"sum","data":[1,2]}', { pattern: 'sum', data: [1, 2] }],
    [' {"data":null, "pattern":"a"}\n', { pattern: 'a', data: null }],
    ['{"pattern":{"cmd":"sum"}}', { pattern: { cmd: 'sum' }, data: undefined }],
    ['{"pattern":"a","id":"7","data":1}', { pattern: 'a', data: 1 }],
    ['{"pattern":7,"data":1}', { pattern: '7', data: 1 }],
    ['{"pattern":""}', { pattern: '', data: undefined }],
  ])('%j is a Nest packet', (sent, expected) => {
    expect(request(sent)).toEqual({ type: 'untyped-request', ...(expected as object) });
  });

  test.each([
    '',
    'hello',
    'ünïcödé',
    '42',
    '"quoted"',
    'null',
    '[{"pattern":"sum"}]',
    '{"data":1}',
    '{"pattern":null}',
    '{"pattern":true}',
    '{"pattern":["sum"]}',
    '{"pattern":"sum"',
    '{"__proto__":{"pattern":"evil"}}',
  ])('%j is raw text', (sent) => {
    expect(request(sent)).toEqual(raw(sent));
  });

  test.each([
    ['for a body', deepArray],
    ['of objects for a body', deepObject],
    ['for a pattern', `{"pattern":${deepObject}}`],
    ['in a pattern', `{"pattern":{"a":${deepArray}}}`],
  ])('100 000 levels %s are raw text', (_, sent) => {
    expect(request(sent)).toEqual(raw(sent));
  });

  test('may carry data nested 100 000 levels deep', () => {
    expect(request(`{"pattern":"a","data":${deepArray}}`)).toMatchObject({ pattern: 'a' });
  });

  test('that is not UTF-8 is malformed', () => {
    expect(decodeUntypedRequest(notUtf8)).toEqual(malformed('invalid-utf8'));
  });

  test('of several frames is raw text: all of it, whatever it says', () => {
    const frames = ['', '{"pattern":"sum"}', 'grüße'].map((sent) => Buffer.from(sent));
    expect(decodeUntypedRequest(frames)).toEqual({
      type: 'untyped-request',
      pattern: 'REQUEST',
      data: ['', '{"pattern":"sum"}', 'grüße'],
    });
    expect(decodeUntypedRequest([...frames, notUtf8])).toEqual(malformed('invalid-utf8'));
  });

  test('never makes decoding throw', () => {
    fc.assert(
      fc.property(anyFrame, (sent) => {
        expect(['untyped-request', 'malformed']).toContain(decodeUntypedRequest(sent).type);
      }),
    );
  });
});

describe('a reply from a peer without a library', () => {
  test.each<[string, unknown]>([
    ['3', 3],
    ['{"a":[null]}', { a: [null] }],
    ['"quoted"', 'quoted'],
    ['null', null],
    ['hello', 'hello'],
    ['', ''],
    ['{"a":', '{"a":'],
    ['{"status":"error"}', { status: 'error' }],
    ['{"status":"ok","message":"fine"}', { status: 'ok', message: 'fine' }],
    ['["error"]', ['error']],
  ])('%j is a value', (sent, value) => {
    expect(reply(sent)).toEqual({ type: 'value', value });
  });

  test('that is not text is returned as bytes', () => {
    expect(decodeUntypedReply(notUtf8)).toEqual({ type: 'value', value: notUtf8 });
  });

  test("is an error if it has the form of Nest's errors", () => {
    const error = { status: 'error', message: 'no such thing', code: 7 };
    expect(reply(JSON.stringify(error))).toEqual({ type: 'error', error });
    expect(reply('{"message":null,"status":"error"}').type).toBe('error');
  });

  test('is not an error if only its prototype has that form', () => {
    expect(reply('{"__proto__":{"status":"error","message":"evil"}}').type).toBe('value');
  });

  test('of several frames is a value for each, and never an error', () => {
    const error = { status: 'error', message: 'as data' };
    const frames = ['OK', '', '[1]', JSON.stringify(error)].map((sent) => Buffer.from(sent));
    expect(decodeUntypedReply([...frames, notUtf8])).toEqual({
      type: 'value',
      value: ['OK', '', [1], error, notUtf8],
    });
  });

  test('may be nested 100 000 levels deep', () => {
    expect(reply(deepArray).type).toBe('value');
    expect(reply(deepObject).type).toBe('value');
  });

  test('never makes decoding throw', () => {
    fc.assert(
      fc.property(anyFrame, (sent) => {
        expect(['value', 'error']).toContain(decodeUntypedReply(sent).type);
      }),
    );
  });
});
