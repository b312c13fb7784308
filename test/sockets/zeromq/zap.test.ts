import * as fc from 'fast-check';
import { expect, test } from 'vitest';
import { decodeZapRequest, encodeZapReply } from '../../../lib/sockets/zeromq/zap.js';
import { encodeZ85 } from '../../../lib/security/z85.js';

const key = Buffer.alloc(32, 9);
const head = ['1.0', '17', 'door', '10.0.0.1', ''];
const frames = (...parts: (string | Buffer)[]) => parts.map((part) => Buffer.from(part));

test('a request of CURVE', () => {
  expect(decodeZapRequest(frames(...head, 'CURVE', key))).toEqual({
    requestId: Buffer.from('17'),
    domain: 'door',
    address: '10.0.0.1',
    credentials: { mechanism: 'curve', publicKey: encodeZ85(key) },
  });
});

test('a request of PLAIN', () => {
  expect(decodeZapRequest(frames(...head, 'PLAIN', 'alice', 'secret'))).toMatchObject({
    credentials: { mechanism: 'plain', username: 'alice', password: 'secret' },
  });
});

test.each([
  ['of another version', frames('1.1', '17', 'door', '10.0.0.1', '', 'CURVE', key)],
  ['of the mechanism NULL', frames(...head, 'NULL')],
  ['of an unknown mechanism', frames(...head, 'GSSAPI', 'principal')],
  ['with a key that is too short', frames(...head, 'CURVE', key.subarray(1))],
  ['with two keys', frames(...head, 'CURVE', key, key)],
  ['with a name that is no UTF-8', frames(...head, 'PLAIN', Buffer.from([0xff]), 'secret')],
  ['with a password that is none', frames(...head, 'PLAIN', 'alice', Buffer.from([0xc3, 0x28]))],
  ['without a password', frames(...head, 'PLAIN', 'alice')],
  ['without credentials', frames(...head, 'CURVE')],
  ['that is cut', frames('1.0', '17')],
  ['that is empty', []],
])('a request %s is none', (_, request) => {
  expect(decodeZapRequest(request)).toBeUndefined();
});

test('nothing makes it throw', () => {
  fc.assert(
    fc.property(fc.array(fc.uint8Array({ maxLength: 40 })), (parts) => {
      expect(() => decodeZapRequest(parts.map((part) => Buffer.from(part)))).not.toThrow();
    }),
  );
});

test.each([
  ['admitted', ['1.0', 'id', '200', 'OK', 'alice', '']],
  ['refused', ['1.0', 'id', '400', 'not authorized', '', '']],
  ['failed', ['1.0', 'id', '500', 'cannot tell', '', '']],
] as const)('the reply to one that is %s', (verdict, reply) => {
  expect(encodeZapReply(Buffer.from('id'), verdict, 'alice').map(String)).toEqual(reply);
});
