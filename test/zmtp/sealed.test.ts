import { describe, expect, it } from 'vitest';
import type { FrameCipher, Mechanism } from '../../lib/zmtp/mechanism.js';
import { wait } from '../../lib/zmtp/step.js';
import { ZmtpError } from '../../lib/zmtp/zmtp-error.js';
import { command, converse, frame, greeting, longFrame, Witness } from './witness.js';

/** 33 bytes longer than the body, as with CURVE: the flags and constant bytes. */
const SEAL = Buffer.alloc(32, 'S');

interface Sealing {
  readonly mechanism: Mechanism;
  readonly disposed: () => number;
}

/** A mechanism that is ready on the peer's first command and seals this many frames. */
function sealing({ mostFrames = Infinity } = {}): Sealing {
  let disposed = 0;
  let frames = 0;
  const cipher: FrameCipher = {
    seal: (flags, body) =>
      ++frames > mostFrames
        ? new ZmtpError('forged', 'no nonces left')
        : Buffer.concat([SEAL, Buffer.from([flags]), body]),
    open: (body) =>
      body.subarray(0, SEAL.length).equals(SEAL)
        ? { flags: body[SEAL.length] ?? 0, body: body.subarray(SEAL.length + 1) }
        : new ZmtpError('forged', 'not sealed'),
  };
  const peer = { socketType: 'ROUTER' as const, routingId: Buffer.alloc(0) };
  return {
    disposed: () => disposed,
    mechanism: {
      name: 'NULL',
      isServer: false,
      cipher,
      start: () => wait(Buffer.from('\x02GO')),
      receive: () => ({ send: [], outcome: { type: 'ready', peer } }),
      decide: () => wait(),
      dispose: () => void disposed++,
    },
  };
}

const limits = { maxFrameBytes: 300, maxMessageBytes: 500, maxFrames: 3 };

function ready(made = sealing()): Witness {
  const witness = new Witness({ mechanism: made.mechanism, limits });
  witness.hear(greeting(), command('GO')).output();
  return witness;
}

const sealed = (flags: number, body: string) =>
  frame(0, `${String(SEAL)}${String.fromCharCode(flags)}${body}`);

describe('a session with a cipher', () => {
  it('seals and opens messages and commands', () => {
    const [one, other] = [ready(), ready()];
    one.session.send(['a', Buffer.from('b'), 'ü']);
    one.session.ping(0);
    const bytes = one.output();
    expect(bytes.toString('latin1')).toBe(
      Buffer.concat([
        sealed(1, 'a'),
        sealed(1, 'b'),
        sealed(0, '\xc3\xbc'),
        sealed(4, '\x04PING\0\0'),
      ]).toString('latin1'),
    );
    other.hear(bytes);
    expect(other.messages).toEqual([['a', 'b', '\xc3\xbc']]);
    expect(other.output()).toEqual(sealed(4, '\x04PONG'));
  });

  it('has its handshake in the clear', () => {
    const [one, other] = [0, 1].map(() => new Witness({ mechanism: sealing().mechanism }));
    if (!one || !other) return;
    expect(one.hear(greeting()).output()).toEqual(Buffer.concat([greeting(), command('GO')]));
    converse(one, other);
  });

  it('accepts a frame that is a COMMAND outside, as in RFC 25', () => {
    const bytes = sealed(0, 'x');
    bytes[0] = 4;
    expect(ready().hear(bytes).messages).toEqual([['x']]);
  });

  it.each<[string, Buffer, string, string]>([
    ['MORE outside', frame(1, `${String(SEAL)}\0x`), 'malformed', 'flags 0x1'],
    ['LONG inside', sealed(2 + 8, 'x'), 'malformed', 'flags 0xa'],
    ['MORE and COMMAND inside', sealed(5, 'x'), 'malformed', 'flags 0x5'],
    ['no seal', frame(0, 'x'), 'forged', 'not sealed'],
    ['301 bytes', sealed(0, 'x'.repeat(301)), 'too-large', 'a frame of 301 bytes'],
    ['365 bytes', longFrame(0, '', 365), 'too-large', 'a frame of 365 bytes'],
  ])('ends at a frame with %s', (_what, bytes, failed, text) => {
    const made = sealing();
    const witness = ready(made).hear(bytes);
    expect(witness.told.at(-1)).toEqual({ failed, text: expect.stringContaining(text) as string });
    expect(made.disposed()).toBe(1);
  });

  it('accepts frames, messages and PINGs up to the limits', () => {
    const x = 'x'.repeat(250);
    const witness = ready().hear(
      sealed(0, 'x'.repeat(300)),
      sealed(1, x),
      sealed(1, x),
      sealed(4, `\x04PING\0\0${'c'.repeat(16)}`),
      sealed(0, ''),
    );
    expect(witness.messages).toEqual([['x'.repeat(300)], [x, x, '']]);
    expect(witness.hear(sealed(1, x), sealed(0, `${x}x`)).failure).toBe('too-large');
  });

  it('ends when no more frames can be sealed', () => {
    const made = sealing({ mostFrames: 3 });
    const witness = ready(made);
    witness.session.send(['a', 'b', 'c']);
    expect(witness.failure).toBeUndefined();
    witness.session.ping(0);
    expect(witness.failure).toBe('forged');
    witness.session.send(['too late']);
    expect(witness.told).toHaveLength(2);
    expect(made.disposed()).toBe(1);
  });

  it('keeps its secrets while it is ready, and wipes them when closed', () => {
    const made = sealing();
    const { session } = ready(made);
    expect(made.disposed()).toBe(0);
    session.close();
    session.close();
    expect(made.disposed()).toBe(1);
  });

  it('wipes those of a mechanism without a cipher as soon as it is ready', () => {
    const made = sealing();
    const mechanism = { ...made.mechanism, cipher: undefined };
    const { session } = new Witness({ mechanism }).hear(greeting(), command('GO'));
    expect(session.state).toBe('ready');
    expect(made.disposed()).toBe(1);
  });

  it('wipes them when closed during its handshake', () => {
    const made = sealing();
    const { session } = new Witness({ mechanism: made.mechanism });
    session.close();
    expect(made.disposed()).toBe(1);
  });
});

describe('a handshake in progress', () => {
  const patient = () =>
    new Witness({
      mechanism: { ...sealing().mechanism, receive: () => wait(Buffer.from('\x01A')) },
    }).hear(greeting());

  it.each([
    ['8 commands are', Array.from({ length: 8 }, () => command('X')), undefined],
    ['9 commands are not', Array.from({ length: 9 }, () => command('X')), 'too-large'],
    ['16 KB are', [1, 2].map(() => longFrame(4, 'x'.repeat(8192))), undefined],
    ['a byte more is not', [8192, 8192, 1].map((n) => frame(4, 'x'.repeat(n))), 'too-large'],
  ])('%s taken', (_what, commands, code) => {
    expect(patient().hear(...commands).failure).toBe(code);
  });

  it('reports new output after the earlier one was taken', () => {
    const witness = patient();
    witness.output();
    const before = witness.outputs;
    witness.hear(command('X'), command('X'));
    expect(witness.outputs).toBe(before + 1);
  });
});
