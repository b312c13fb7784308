import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { CurveCipher } from '../../../lib/zmtp/curve/curve-cipher.js';
import { FIRST, NonceCounter, NonceGuard, SECOND } from '../../../lib/zmtp/curve/short-nonces.js';
import { isZmtpError } from '../../../lib/zmtp/zmtp-error.js';
import { cipherOf, crypto, Handshake } from './fixtures.js';

const MORE = 1;
const COMMAND = 4;

function twoCiphers(last = FIRST) {
  const key = crypto.randomBytes(32);
  const aCipher = (isServer: boolean) =>
    new CurveCipher({
      isServer,
      key: Buffer.from(key),
      sent: new NonceCounter(last),
      received: new NonceGuard(last),
      crypto,
    });
  return { client: aCipher(false), server: aCipher(true), key };
}

function sealed(cipher: CurveCipher, flags: number, body: Buffer): Buffer {
  const frame = cipher.seal(flags, body);
  if (isZmtpError(frame)) throw frame;
  return frame;
}

describe('CurveCipher', () => {
  it('opens what the other side sealed, with its flags, in both directions', () => {
    const { client, server } = twoCiphers();
    fc.assert(
      fc.property(
        fc.uint8Array({ maxLength: 1000 }),
        fc.constantFrom(0, MORE, COMMAND, MORE | COMMAND),
        fc.boolean(),
        (bytes, flags, isClients) => {
          const [from, to] = isClients ? [client, server] : [server, client];
          const body = Buffer.from(bytes);
          const frame = sealed(from, flags, body);
          expect(frame.length).toBe(body.length + 33);
          expect(to.open(frame)).toEqual({ flags, body });
        },
      ),
      { numRuns: 100 },
    );
  });

  it('continues the nonces of the handshake', () => {
    const { client, server } = new Handshake().done();
    const [ofClient, ofServer] = [client, server].map((side) =>
      cipherOf(side).seal(0, Buffer.alloc(0)),
    );
    expect(
      Buffer.from(ofClient as Buffer)
        .subarray(8, 16)
        .toString('hex'),
    ).toBe('0000000000000003');
    expect(
      Buffer.from(ofServer as Buffer)
        .subarray(8, 16)
        .toString('hex'),
    ).toBe('0000000000000002');
  });

  it('rejects a frame with any byte changed', () => {
    const { client, server } = twoCiphers();
    const frame = sealed(client, MORE, Buffer.from('a body'));
    for (let at = 0; at < frame.length; at++) {
      for (const bit of [1, 0x80]) {
        const changed = Buffer.from(frame);
        changed[at] = (changed[at] ?? 0) ^ bit;
        expect(server.open(changed)).toMatchObject({ code: at < 8 ? 'malformed' : 'forged' });
      }
    }
    expect(server.open(frame)).toMatchObject({ flags: MORE });
  });

  it('rejects a frame that was truncated or extended', () => {
    const { client, server } = twoCiphers();
    const frame = sealed(client, 0, Buffer.from('a body'));
    for (let at = 0; at < frame.length; at++) {
      expect(server.open(frame.subarray(0, at))).toMatchObject({
        code: at < 33 ? 'malformed' : 'forged',
      });
    }
    expect(server.open(Buffer.concat([frame, Buffer.of(0)]))).toMatchObject({ code: 'forged' });
  });

  it('rejects a frame that is repeated, late or early', () => {
    const { client, server } = twoCiphers();
    const [one, two, three] = ['one', 'two', 'three'].map((text) =>
      sealed(client, 0, Buffer.from(text)),
    );
    if (!one || !two || !three) throw new Error('three were sealed');
    expect(server.open(two)).toMatchObject({ code: 'forged' });
    expect(server.open(one)).toMatchObject({ body: Buffer.from('one') });
    expect(server.open(one)).toMatchObject({ code: 'forged' });
    // Two frames were removed.
    expect(server.open(three)).toMatchObject({ code: 'forged' });
    expect(server.open(two)).toMatchObject({ body: Buffer.from('two') });
    expect(server.open(one)).toMatchObject({ code: 'forged' });
    expect(server.open(three)).toMatchObject({ body: Buffer.from('three') });
  });

  it('rejects a repeated nonce before it decrypts anything', () => {
    let opened = 0;
    const key = crypto.randomBytes(32);
    const counting = {
      ...crypto,
      openFrame: (...args: Parameters<typeof crypto.openFrame>) => (
        opened++,
        crypto.openFrame(...args)
      ),
    };
    const server = new CurveCipher({
      isServer: true,
      key,
      sent: new NonceCounter(FIRST),
      received: new NonceGuard(FIRST),
      crypto: counting,
    });
    const frame = Buffer.concat([Buffer.from('\x07MESSAGE'), FIRST, Buffer.alloc(40)]);
    expect(server.open(frame)).toMatchObject({ code: 'forged' });
    expect(opened).toBe(0);
  });

  it('rejects its own frames when they are reflected', () => {
    const { client, server } = twoCiphers();
    expect(client.open(sealed(client, 0, Buffer.from('mine')))).toMatchObject({ code: 'forged' });
    expect(server.open(sealed(server, 0, Buffer.from('mine')))).toMatchObject({ code: 'forged' });
  });

  it('rejects sealed flags other than MORE and COMMAND', () => {
    const nonce = SECOND;
    for (const flags of [4, 8, 0x80, 0xff]) {
      const { server, key } = twoCiphers();
      const head = Buffer.concat([Buffer.from('\x07MESSAGE'), nonce]);
      const full = Buffer.concat([Buffer.from('CurveZMQMESSAGEC'), nonce]);
      const frame = crypto.sealFrame(head, flags, Buffer.alloc(0), full, key);
      expect(server.open(frame)).toMatchObject({ code: 'malformed' });
    }
  });

  it('rejects a frame that is not a MESSAGE', () => {
    const { server } = twoCiphers();
    for (const name of ['\x05READY', '\x05ERROR', '\x04PING', '\x07message', '']) {
      const frame = Buffer.concat([Buffer.from(name), Buffer.alloc(40)]);
      expect(server.open(frame)).toMatchObject({ code: 'malformed' });
    }
  });

  it('ends a connection, and throws nothing, where there is no memory for a frame', () => {
    const { key } = twoCiphers();
    const noMemory = () => {
      throw new RangeError('libsodium has no memory for 2000000000 bytes');
    };
    const options = { key, sent: new NonceCounter(FIRST), received: new NonceGuard(FIRST) };
    const full = new CurveCipher({
      ...options,
      isServer: true,
      crypto: { ...crypto, sealFrame: noMemory, openFrame: noMemory },
    });
    const sender = new CurveCipher({
      ...options,
      key: Buffer.from(key),
      sent: new NonceCounter(FIRST),
      isServer: false,
      crypto,
    });
    const frame = sealed(sender, 0, Buffer.from('hello'));
    expect(full.seal(0, Buffer.from('hello'))).toMatchObject({ code: 'too-large' });
    expect(full.open(frame)).toMatchObject({ code: 'too-large' });
  });

  it('ends before a nonce would repeat', () => {
    const { client, server } = twoCiphers(Buffer.from('fffffffffffffffd', 'hex'));
    for (const text of ['the last but one', 'the last']) {
      expect(server.open(sealed(client, 0, Buffer.from(text)))).toMatchObject({ flags: 0 });
    }
    for (let times = 0; times < 2; times++) {
      expect(client.seal(0, Buffer.from('one too many'))).toMatchObject({ code: 'exhausted' });
    }
  });

  it('carries from the lower half of a nonce to the upper', () => {
    const { client, server } = twoCiphers(Buffer.from('00000000fffffffe', 'hex'));
    const nonces = ['one', 'two', 'three'].map((text) => {
      const frame = sealed(client, 0, Buffer.from(text));
      expect(server.open(frame)).toMatchObject({ flags: 0 });
      return frame.subarray(8, 16).toString('hex');
    });
    expect(nonces).toEqual(['00000000ffffffff', '0000000100000000', '0000000100000001']);
  });
});
