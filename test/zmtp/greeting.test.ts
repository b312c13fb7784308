import { describe, expect, it } from 'vitest';
import type { Mechanism } from '../../lib/zmtp/mechanism.js';
import { plainClient } from '../../lib/zmtp/plain-client.js';
import { plainServer } from '../../lib/zmtp/plain-server.js';
import { command, dealer, greeting, readyOf, router, Witness } from './witness.js';

const plain = { socketType: 'DEALER', username: 'ann', password: 'secret' } as const;

function failureOf(mechanism: Mechanism, ...bytes: (Buffer | string)[]) {
  return new Witness({ mechanism }).hear(...bytes).told;
}

/** The greeting with some octets changed. */
function changed(at: number, ...octets: number[]): Buffer {
  const bytes = greeting();
  bytes.set(octets, at);
  return bytes;
}

describe('a greeting', () => {
  it.each<[string, Mechanism, string, number]>([
    ['NULL', dealer(), 'NULL', 0],
    ['PLAIN, client', plainClient(plain), 'PLAIN', 0],
    ['PLAIN, server', plainServer({ socketType: 'ROUTER' }), 'PLAIN', 1],
  ])('%s states version 3.1, the mechanism and the role', (_what, mechanism, name, asServer) => {
    const expected = greeting(name);
    expected[32] = asServer;
    expect(new Witness({ mechanism }).output()).toEqual(expected);
  });

  it.each([
    ['with any padding', changed(1, 1, 2, 3, 4, 5, 6, 7, 8)],
    ['of a later minor version', changed(11, 9)],
    ['of a later major version', changed(10, 4)],
    ['with any filler', changed(33, 1, 2, 3)],
    ['of a server, which means nothing to NULL', changed(32, 1)],
  ])('is accepted %s', (_what, bytes) => {
    expect(new Witness().hear(bytes, readyOf('ROUTER')).session.state).toBe('ready');
  });

  it.each([
    [greeting('PLAIN'), 'PLAIN'],
    [greeting('null'), 'null'],
    [greeting('NULLX'), 'NULLX'],
    [greeting(''), 'without a name'],
    [greeting('\x1b[31mRED'), '\\x1b[31mRED'],
    [greeting('ABCDEFGHIJKLMNOPQRST'), 'ABCDEFGHIJKLMNOPQRST'],
    [changed(17, 1), 'NULL'],
  ])('of another mechanism is rejected, and the error shows its name as text', (bytes, shown) => {
    expect(failureOf(dealer(), bytes)).toEqual([
      {
        failed: 'mechanism-mismatch',
        text: `the peer has the mechanism ${shown}, this side NULL`,
      },
    ]);
  });

  it('is sent to a peer of another mechanism as well', () => {
    expect(new Witness().hear(greeting('CURVE')).output()).toEqual(greeting());
  });

  it('of a server is rejected by a server', () => {
    const bytes = greeting('PLAIN');
    bytes[32] = 1;
    expect(failureOf(plainServer({ socketType: 'ROUTER' }), bytes)).toEqual([
      { failed: 'role-mismatch', text: 'both sides are servers of PLAIN' },
    ]);
  });

  it('of a client is rejected by a client once it receives HELLO', () => {
    expect(
      failureOf(plainClient(plain), greeting('PLAIN'), command('HELLO', '\x01a\x01b')),
    ).toEqual([{ failed: 'role-mismatch', text: 'both sides are clients of PLAIN' }]);
  });
});

describe('an old version', () => {
  it.each<[string, Buffer | string, string]>([
    ['1.0, anonymous', '\x01\0', 'the peer speaks ZMTP 1: ZeroMQ before 3.2'],
    ['1.0, with a long identity', `\xff${'\0'.repeat(9)}`, 'the peer speaks ZMTP 1'],
    ['1.0, MORE', `\xff${'\0'.repeat(8)}\x01`, 'the peer speaks ZMTP 1'],
    ['1.0, by its number', changed(10, 0).subarray(0, 11), 'the peer speaks ZMTP 1'],
    ['2.0', changed(10, 1).subarray(0, 11), 'the peer speaks ZMTP 2'],
    ['2', changed(10, 2).subarray(0, 11), 'the peer speaks ZMTP 2'],
  ])('%s is recognized by its first octets', (_what, bytes, text) => {
    expect(failureOf(router(), bytes)).toEqual([
      { failed: 'old-version', text: expect.stringContaining(text) as string },
    ]);
  });
});

describe('another protocol', () => {
  const hello = (type: number) => Buffer.from([22, 3, 1, 2, 0, type, 0, 1, 0xfc, 3, 3]);

  it.each<[string, Buffer | string]>([
    ['HTTP (a request)', 'GET / HTTP/1.1\r\n'],
    ['HTTP (a request)', 'POST /x HTTP/1.1\r\n'],
    ['HTTP (a request)', 'PUT '],
    ['HTTP (a response)', 'HTTP/1.1 400 Bad Request\r\n'],
    ['HTTP/2 (a client)', 'PRI * HTTP/2.0\r\n'],
    ['HTTP/2 (a server)', Buffer.from([0, 0, 18, 4, 0, 0, 0, 0, 0])],
    ['TLS (a client)', hello(1)],
    ['TLS (a server)', hello(2)],
    ['TLS (an alert)', Buffer.from([21, 3, 3, 0, 2, 2, 70])],
    ['SSH', 'SSH-2.0-OpenSSH_9.2\r\n'],
    ['NATS (a server)', 'INFO {"server_id":"x"}'],
    ['Redis or NATS (a server)', '-ERR unknown command'],
    ['AMQP', 'AMQP\0\0\x09\x01'],
    ['SMTP or FTP (a server)', '220 mail.example.org ESMTP'],
  ])('%s is named, however it is chunked', (name, bytes) => {
    const expected = [{ failed: 'not-zmtp', text: `the peer speaks ${name}, not ZMTP` }];
    expect(failureOf(dealer(), bytes)).toEqual(expected);
    const single = [...Buffer.from(bytes as string, 'latin1')].map((octet) => Buffer.from([octet]));
    expect(failureOf(dealer(), ...single)).toEqual(expected);
  });

  it.each<[string, string]>([
    ['XYZ', '58'],
    ['GOT IT', '47 4f'],
    ['\0\0\0\0', '00 00 00 00'],
    ['\x16\x03\x01\0\0\x07', '16 03 01 00 00 07'],
    ['\x01\x05hello', '01 05'],
    [`\xff${'\0'.repeat(8)}\x7e`, 'ff 00 00 00 00 00 00 00 00 7e'],
  ])('%j is unknown, and the error shows the octets that were read', (bytes, shown) => {
    expect(failureOf(dealer(), bytes)).toEqual([
      {
        failed: 'not-zmtp',
        text: `the peer does not speak ZMTP: its first octets are ${shown}`,
      },
    ]);
  });

  it.each(['', 'GE', 'HTTP', '\x16\x03\x01\0\0', '\xff\0\0', '\x01'])(
    '%j is still undecided',
    (bytes) => {
      expect(failureOf(dealer(), bytes)).toEqual([]);
    },
  );
});
