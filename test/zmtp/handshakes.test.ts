import * as fc from 'fast-check';
import { describe, expect, it, test } from 'vitest';
import { encodeMetadata } from '../../lib/zmtp/metadata.js';
import { nullMechanism } from '../../lib/zmtp/null-mechanism.js';
import { plainClient } from '../../lib/zmtp/plain-client.js';
import { plainServer } from '../../lib/zmtp/plain-server.js';
import { fixSeed } from '../support/fix-seed.js';
import { command, frame, greeting, property, readyOf, router, Witness } from './witness.js';

fixSeed(24);

const socketType = property('Socket-Type', 'ROUTER');
const asRouter = { socketType: 'ROUTER' as const, routingId: Buffer.alloc(0) };

describe('metadata', () => {
  const told = (data: string) => new Witness().hear(greeting(), command('READY', data)).told;

  it.each<[string, string]>([
    ['in any order', property('Identity', '') + socketType],
    ['in any case', property('SOCKET-TYPE', 'ROUTER') + property('identity', '')],
    ['beside others', property('X-Own', 'value') + socketType + property('Resource', '')],
    ['without an identity', socketType],
    ['without a socket type, as libzmq does', ''],
    ['64 of them', socketType + property('X', '').repeat(63)],
  ])('is accepted %s', (_what, data) => {
    expect(told(data)).toEqual([{ ready: asRouter }]);
  });

  it.each<[string, string, string]>([
    ['with a byte too many', `${socketType}x`, 'malformed'],
    ['with a name that is cut off', socketType.slice(0, 8), 'malformed'],
    ['with a length that is cut off', socketType.slice(0, 14), 'malformed'],
    ['with a value that is cut off', socketType.slice(0, -1), 'malformed'],
    ['with a value of 4 GB', `\x01X\xff\xff\xff\xff`, 'malformed'],
    ['with a name of no characters', property('', 'x'), 'malformed'],
    ['with two socket types', socketType + socketType, 'malformed'],
    ['with two identities', property('Identity', 'a').repeat(2), 'malformed'],
    ['with an identity of 256 bytes', property('Identity', 'a'.repeat(256)), 'malformed'],
    ['65 of them', socketType + property('X', '').repeat(64), 'too-large'],
  ])('is rejected %s', (_what, data, code) => {
    expect(told(data)).toMatchObject([{ failed: code }]);
  });

  it.each([255, 1])('returns an identity of %d bytes', (length) => {
    const identity = 'i'.repeat(length);
    expect(told(socketType + property('Identity', identity))).toEqual([
      { ready: { ...asRouter, routingId: Buffer.from(identity) } },
    ]);
  });

  // libzmq does not check this either; RFC 37 reserves such identities.
  it('returns an identity that starts with a zero unchanged', () => {
    expect(told(socketType + property('Identity', '\0x'))).toEqual([
      { ready: { ...asRouter, routingId: Buffer.from('\0x') } },
    ]);
  });

  it('cannot be encoded with an identity that is too long', () => {
    const routingId = Buffer.alloc(256);
    expect(() => encodeMetadata({ socketType: 'DEALER', routingId })).toThrow(RangeError);
  });

  it('round-trips with any identity', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 255 }), (bytes) => {
        const routingId = Buffer.from(bytes);
        const one = new Witness({ mechanism: nullMechanism({ socketType: 'DEALER', routingId }) });
        one.hear(greeting());
        const other = new Witness({ mechanism: router() }).hear(one.output());
        expect(other.told).toEqual([{ ready: { socketType: 'DEALER', routingId } }]);
      }),
    );
  });
});

describe('socket types', () => {
  const types = 'REQ REP DEALER ROUTER PUB SUB XPUB XSUB PUSH PULL PAIR CLIENT SERVER dealer';

  it.each([
    ['ROUTER', 'DEALER REQ ROUTER'],
    ['DEALER', 'ROUTER REP DEALER'],
  ] as const)('a %s talks to %s', (own, expected) => {
    const results = types.split(' ').map((peer) => {
      const mechanism = nullMechanism({ socketType: own });
      const { session, failure } = new Witness({ mechanism }).hear(greeting(), readyOf(peer));
      return { peer, result: failure ?? session.state };
    });
    const taken = results.flatMap(({ peer, result }) => (result === 'ready' ? [peer] : []));
    expect(new Set(results.map(({ result }) => result))).toEqual(new Set(['ready', 'socket-type']));
    expect(taken.toSorted()).toEqual(expected.split(' ').toSorted());
  });

  it('are shown as escaped text of bounded length', () => {
    expect(new Witness().hear(greeting(), readyOf(`\n${'X'.repeat(100)}`)).told).toEqual([
      {
        failed: 'socket-type',
        text: `the peer is a \\x0a${'X'.repeat(31)} socket, which cannot talk to a DEALER`,
      },
    ]);
  });
});

describe('ERROR in the handshake', () => {
  it.each([
    ['\x03400', 'refused', 'the peer refused the credentials (400)'],
    ['\x03500', 'undecided', 'the peer could not tell whether to admit (500)'],
    ['\x03300', 'undecided', 'the peer could not tell whether to admit (300)'],
    ['\x07go away', 'peer-error', 'the peer ended the handshake: "go away"'],
    ['\x02\x1b\xe9', 'peer-error', 'the peer ended the handshake: "\\x1b\\xe9"'],
    ['\0', 'peer-error', 'the peer ended the handshake: ""'],
    ['\x03400 and more', 'refused', 'the peer refused the credentials (400)'],
    ['', 'peer-error', 'the peer ended the handshake: ""'],
    ['invalid', 'peer-error', 'the peer ended the handshake: "invalid"'],
  ])('%j', (data, failed, text) => {
    expect(new Witness().hear(greeting(), command('ERROR', data)).told).toEqual([{ failed, text }]);
  });
});

describe('a PLAIN client', () => {
  const options = { socketType: 'DEALER', username: 'ann', password: 'sécret' } as const;
  const client = () => new Witness({ mechanism: plainClient(options) }).hear(greeting('PLAIN'));
  const ready = command('READY', socketType);

  it('sends HELLO, then INITIATE, and is ready on READY', () => {
    const witness = client();
    expect(witness.output().subarray(64)).toEqual(
      command('HELLO', `\x03ann\x07${Buffer.from('sécret').toString('latin1')}`),
    );
    witness.hear(command('WELCOME'));
    expect(witness.output()).toEqual(
      command('INITIATE', property('Socket-Type', 'DEALER') + property('Identity', '')),
    );
    witness.hear(ready);
    expect(witness.told).toEqual([{ ready: asRouter }]);
  });

  it.each<[string, Buffer[]]>([
    ['READY before WELCOME', [ready]],
    ['a second WELCOME', [command('WELCOME'), command('WELCOME')]],
    ['a WELCOME with data', [command('WELCOME', 'x')]],
    ['INITIATE', [command('INITIATE')]],
  ])('rejects %s', (_what, bytes) => {
    expect(client().hear(...bytes).failure).toBe('malformed');
  });

  it.each(['\x05ERROR\x03400', '^RROR\x03400'])('understands %j at any time', (error) => {
    expect(client().hear(frame(4, error)).failure).toBe('refused');
    expect(client().hear(command('WELCOME'), frame(4, error)).failure).toBe('refused');
  });

  it('rejects credentials that are too long', () => {
    const tooLong = 'é'.repeat(128);
    expect(() => plainClient({ ...options, username: tooLong })).toThrow(RangeError);
    expect(() => plainClient({ ...options, password: tooLong })).toThrow(RangeError);
    expect(() => plainClient({ ...options, password: 'x'.repeat(255) })).not.toThrow();
  });
});

describe('a PLAIN server', () => {
  const server = (verdict?: 'admitted') =>
    new Witness({
      mechanism: plainServer({ socketType: 'ROUTER' }),
      on: (told, session) => verdict && 'ask' in told && session.decide(verdict),
    }).hear(greeting('PLAIN'));
  const hello = command('HELLO', '\x03ann\x06secret');
  const initiate = command('INITIATE', property('Socket-Type', 'DEALER'));

  it.each([
    ['', ''],
    ['ann', 'secret'],
    ['\0\xff', 'x'.repeat(255)],
  ])('passes on the credentials %j and %j, byte for byte', (username, password) => {
    const data = [username, password].map((one) => String.fromCharCode(one.length) + one).join('');
    expect(server().hear(command('HELLO', data)).told).toEqual([
      {
        ask: {
          mechanism: 'PLAIN',
          username: Buffer.from(username, 'latin1'),
          password: Buffer.from(password, 'latin1'),
        },
      },
    ]);
  });

  it.each(['', '\x03', '\x03ann', '\x03ann\x06secre', '\x03ann\x06secretx', '\x04ann'])(
    'rejects the HELLO %j',
    (data) => {
      expect(server().hear(command('HELLO', data)).told).toMatchObject([{ failed: 'malformed' }]);
    },
  );

  it.each<[string, Buffer[]]>([
    ['INITIATE before HELLO', [initiate]],
    ['a second HELLO', [hello, hello]],
    ['READY', [hello, command('READY', property('Socket-Type', 'DEALER'))]],
    ['a message', [hello, frame(0, 'x')]],
  ])('rejects %s', (_what, bytes) => {
    expect(server('admitted').hear(...bytes).failure).toBe('malformed');
  });

  it('tells a peer of an incompatible socket type that it is refused', () => {
    const witness = server('admitted').hear(hello);
    witness.output();
    witness.hear(command('INITIATE', property('Socket-Type', 'SUB')));
    expect(witness.failure).toBe('socket-type');
    expect(witness.output().toString('latin1')).toContain('^RROR(A ROUTER cannot talk');
  });

  test('is never ready before it admitted the client, whatever that sends', () => {
    const said = fc.constantFrom(
      hello,
      initiate,
      command('READY', socketType),
      command('WELCOME'),
      command('ERROR', '\x03200'),
    );
    fc.assert(
      fc.property(fc.array(said, { maxLength: 8 }), (commands) => {
        const witness = server().hear(...commands);
        expect(witness.session.state).not.toBe('ready');
      }),
    );
  });
});
