import * as fc from 'fast-check';
import { expect, test } from 'vitest';
import { encodeError, encodeUntypedError } from '../../lib/protocol/error-body.js';
import { decodeUntypedReply } from '../../lib/protocol/untyped.js';
import { anyString } from './arbitraries.js';
import { deepArray } from './hostile.js';
import { fixSeed } from '../support/fix-seed.js';

fixSeed(3);

const cycle: Record<string, unknown> = {};
cycle['self'] = cycle;

const unspeakable = '{"status":"error","message":"The error cannot be written as JSON"}';

function isWritten(json: string): boolean {
  try {
    return JSON.stringify(JSON.parse(json)) === json;
  } catch {
    return false;
  }
}

const errors: [string, unknown, string][] = [
  [
    "Nest's own error",
    { status: 'error', message: 'Internal server error' },
    '{"status":"error","message":"Internal server error"}',
  ],
  ['an object of an RpcException', { code: 7, why: ['a'] }, '{"code":7,"why":["a"]}'],
  ['an Error', new TypeError('no such thing'), '{"status":"error","message":"no such thing"}'],
  ['undefined', undefined, '{"status":"error","message":"Unknown error"}'],
  ['null', null, '{"status":"error","message":"Unknown error"}'],
  [
    'an object with a status of its own',
    { status: 404, message: 'x' },
    '{"status":404,"message":"x"}',
  ],
  ['a falsy value', 0, '0'],
  ['an array', ['a'], '["a"]'],
  ['true', true, 'true'],
  ['a cycle', cycle, unspeakable],
  ['a BigInt', 1n, unspeakable],
  ['a function', () => {}, unspeakable],
  ['a symbol', Symbol('error'), unspeakable],
  // Newer versions of V8 write any depth.
  ['100 000 nested arrays', JSON.parse(deepArray), isWritten(deepArray) ? deepArray : unspeakable],
  [
    'an object that throws when read',
    {
      get message() {
        throw new Error('ha');
      },
    },
    unspeakable,
  ],
];

test.each(errors)('%s is encoded as JSON', (_, error, expected) => {
  expect(encodeError(error)).toBe(expected);
});

test('an Error keeps its own members, or what its toJSON returns', () => {
  const coded = Object.assign(new Error('no'), { code: 7 });
  expect(encodeError(coded)).toBe('{"status":"error","message":"no","code":7}');
  const own = Object.assign(new Error('secret'), { toJSON: () => ({ shown: 1 }) });
  expect(encodeError(own)).toBe('{"shown":1}');
});

test('a string is a JSON string', () => {
  expect(encodeError('no "luck"')).toBe('"no \\"luck\\""');
});

const marked = errors.map(([what, error, expected]): [string, unknown, string] => [
  what,
  error,
  expected
    .replace('{"code":7', '{"status":"error","message":"The handler failed","code":7')
    .replace('404', '"error"')
    .replace(/^(0|true|\[.*)$/, '{"status":"error","message":"The handler failed","error":$1}'),
]);

test.each(marked)('the older dialects recognize %s as an error', (_, error, expected) => {
  expect(encodeUntypedError(error)).toBe(expected);
});

test('a string becomes an object in the older dialects, which would read it as a value', () => {
  expect(encodeUntypedError('no luck')).toBe('{"status":"error","message":"no luck"}');
});

test('a string or an Error that a handler throws arrives as an error in the older dialects', () => {
  fc.assert(
    fc.property(anyString, (message) => {
      const expected = { type: 'error', error: { status: 'error', message } };
      for (const error of [message, new Error(message)]) {
        const received = Buffer.from(encodeUntypedError(error));
        expect(decodeUntypedReply(received)).toEqual(expected);
      }
    }),
  );
});
