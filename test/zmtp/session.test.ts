import * as fc from 'fast-check';
import { describe, expect, it, test } from 'vitest';
import { plainClient } from '../../lib/zmtp/plain-client.js';
import { plainServer } from '../../lib/zmtp/plain-server.js';
import { fixSeed } from '../support/fix-seed.js';
import {
  command,
  converse,
  cutAt,
  dealer,
  frame,
  greeting,
  longFrame,
  property,
  readyDealer,
  readyOf,
  router,
  type Told,
  Witness,
} from './witness.js';

fixSeed(23);

const places = fc.array(fc.double({ min: 0, max: 1, noNaN: true }), { maxLength: 12 });
const anyText = fc.string({ unit: 'binary', maxLength: 400 });
/** Also of the lengths around which the form of a frame changes. */
const content = fc.oneof(
  anyText,
  fc.uint8Array({ maxLength: 400 }).map((bytes) => Buffer.from(bytes)),
  fc.constantFrom(0, 85, 86, 255, 256, 4096, 4097, 8192, 8193, 20_000).map((n) => 'x'.repeat(n)),
  fc.constantFrom(0, 255, 256, 4096, 4097, 70_000).map((n) => Buffer.alloc(n, 'y')),
  // Text whose form is known only once it is encoded.
  fc.constantFrom(84, 85, 127, 128, 255, 4000, 9000).map((n) => 'ü'.repeat(n)),
  fc.constantFrom(63, 64, 85, 255, 2000, 9000).map((n) => '€'.repeat(n)),
  fc.constantFrom(4000, 9000).map((n) => 'x'.repeat(n) + 'ü'.repeat(n >> 4)),
);
const message = fc.array(content, { minLength: 1, maxLength: 5 });
const messages = fc.array(message, { maxLength: 8 });

/** The message as it arrives. */
const asReceived = (sent: readonly (readonly (Buffer | string)[])[]) =>
  sent.map((frames) => frames.map((one) => Buffer.from(one).toString('latin1')));

/** A message, an unknown command, a PING, and a message with a PING between its frames. */
const traffic = fc.constantFrom(
  frame(0, 'one'),
  Buffer.concat([frame(1, ''), frame(0, 'x'.repeat(300))]),
  longFrame(0, 'short, but said to be long'),
  command('SUBSCRIBE', 'all'),
  command('PING', '\0\x0acontext'),
  Buffer.concat([frame(1, 'a'), command('PING', '\0\0'), frame(0, 'b')]),
);

describe('two sessions', () => {
  test("deliver each other's messages in order", () => {
    fc.assert(
      fc.property(messages, messages, places, (byOne, byOther, cuts) => {
        const one = new Witness({ mechanism: dealer('one') });
        const other = new Witness({ mechanism: router() });
        converse(one, other);
        expect(other.told).toEqual([
          { ready: { socketType: 'DEALER', routingId: Buffer.from('one') } },
        ]);
        for (const frames of byOne) one.session.send(frames);
        for (const frames of byOther) other.session.send(frames);
        const bytes = one.output();
        other.hear(...cutAt(bytes, cuts));
        one.hear(other.output());
        expect(other.messages).toEqual(asReceived(byOne));
        expect(one.messages).toEqual(asReceived(byOther));
      }),
    );
  });

  it('interleave while each is in the middle of a message of the other', () => {
    const sessions: Witness[] = [];
    const answer = (from: number) => (told: Told) => {
      const [own, peer] = [sessions[from], sessions[1 - from]];
      if (!('message' in told) || !own || !peer || Number(told.message[0]) >= 100) return;
      own.session.send([String(Number(told.message[0]) + 1)]);
      peer.hear(own.output());
    };
    sessions.push(
      new Witness({ mechanism: dealer(), on: answer(0) }),
      new Witness({ mechanism: router(), on: answer(1) }),
    );
    const [one, other] = sessions;
    if (!one || !other) return;
    converse(one, other);
    one.session.send(['0']);
    other.hear(one.output());
    const even = Array.from({ length: 51 }, (_, index) => [String(2 * index)]);
    expect(other.messages).toEqual(even);
    expect(one.messages).toEqual(even.slice(0, 50).map(([n]) => [String(Number(n) + 1)]));
  });
});

describe('however bytes are chunked', () => {
  test('the same bytes cause the same events and answers', () => {
    fc.assert(
      fc.property(fc.array(traffic, { maxLength: 20 }), places, (parts, cuts) => {
        const bytes = Buffer.concat([greeting(), readyOf('ROUTER', 'you'), ...parts]);
        const whole = new Witness().hear(bytes);
        const cut = new Witness().hear(...cutAt(bytes, cuts));
        const single = new Witness().hear(...[...bytes].map((octet) => Buffer.from([octet])));
        expect(whole.failure).toBeUndefined();
        expect(cut.told).toEqual(whole.told);
        expect(single.told).toEqual(whole.told);
        expect(cut.session.received).toBe(bytes.length);
        const said = whole.output();
        expect(cut.output()).toEqual(said);
        expect(single.output()).toEqual(said);
      }),
    );
  });

  test('any bytes cause events, or one error with a code, and always the same ones', () => {
    const beginning = fc.constantFrom(
      Buffer.alloc(0),
      greeting().subarray(0, 12),
      greeting(),
      Buffer.concat([greeting(), readyOf('ROUTER')]),
      Buffer.concat([greeting(), readyOf('ROUTER'), frame(0, 'hello')]),
    );
    const rest = fc.oneof(
      fc.uint8Array({ maxLength: 200 }),
      fc.array(fc.constantFrom(0, 1, 2, 4, 5, 6, 255), { maxLength: 40 }),
    );
    fc.assert(
      fc.property(beginning, rest, places, (start, end, cuts) => {
        const bytes = Buffer.concat([start, Buffer.from(end)]);
        const whole = new Witness().hear(bytes);
        const cut = new Witness().hear(...cutAt(bytes, cuts));
        expect(cut.told).toEqual(whole.told);
        const failures = whole.told.filter((one) => 'failed' in one);
        expect(failures.length).toBeLessThan(2);
        expect(whole.told.slice(-1)).toEqual(failures.length > 0 ? failures : whole.told.slice(-1));
      }),
      { numRuns: 1000 },
    );
  });

  test('changed bytes in a conversation cause events, or one error with a code', () => {
    const bytes = Buffer.concat([
      greeting(),
      readyOf('ROUTER', 'you'),
      frame(1, 'a'),
      frame(0, 'x'.repeat(300)),
      command('PING', '\0\x0acontext'),
    ]);
    const change = fc.tuple(fc.nat(bytes.length - 1), fc.nat(255));
    fc.assert(
      fc.property(fc.array(change, { maxLength: 4 }), (changes) => {
        const changed = Buffer.from(bytes);
        for (const [at, octet] of changes) changed[at] = octet;
        const { told } = new Witness().hear(changed);
        expect(told.filter((one) => 'failed' in one).length).toBeLessThan(2);
      }),
      { numRuns: 1000 },
    );
  });
});

describe('a paused session', () => {
  it('delivers nothing after the current message, and the rest when it resumes', () => {
    const witness = readyDealer({
      on: (told, session) => 'message' in told && told.message[0] === 'two' && session.pause(),
    });
    witness.hear(
      Buffer.concat(['one', 'two', 'three'].map((one) => frame(0, one))),
      Buffer.concat([frame(0, 'four'), frame(1, 'fi')]),
      frame(0, 've'),
    );
    expect(witness.messages).toEqual([['one'], ['two']]);
    witness.session.resume();
    expect(witness.messages.slice(2)).toEqual([['three'], ['four'], ['fi', 've']]);
  });

  it('counts received bytes', () => {
    const { session } = readyDealer();
    session.pause();
    const before = session.received;
    session.receive(frame(0, 'x'));
    expect(session.received - before).toBe(3);
  });

  it('may resume within the message in which it paused', () => {
    const witness = readyDealer({
      on: (_told, session) => {
        session.pause();
        session.resume();
      },
    }).hear(Buffer.concat([frame(0, 'one'), frame(0, 'two')]));
    expect(witness.messages).toEqual([['one'], ['two']]);
  });

  it('does not continue the handshake', () => {
    const witness = new Witness();
    witness.session.pause();
    witness.hear(greeting(), readyOf('ROUTER'));
    expect(witness.session.state).toBe('greeting');
    witness.session.resume();
    expect(witness.session.state).toBe('ready');
  });
});

describe('a session that receives bytes while it delivers a message', () => {
  it('delivers their messages afterwards, in order', () => {
    const steps: string[] = [];
    const witness = readyDealer({
      on: (told, session) => {
        const name = 'message' in told ? String(told.message) : 'ready';
        steps.push(name);
        if (name === 'one') session.receive(frame(0, 'three'));
        steps.push(`${name} is over`);
      },
    });
    witness.hear(Buffer.concat([frame(0, 'one'), frame(0, 'two')]));
    expect(steps).toEqual(
      ['ready', 'one', 'two', 'three'].flatMap((name) => [name, `${name} is over`]),
    );
  });
});

describe('a closed session', () => {
  it('delivers no further message, of this chunk or the next', () => {
    const witness = readyDealer({ on: (_told, session) => session.close() });
    witness.hear(
      Buffer.concat([frame(0, 'one'), frame(0, 'two'), frame(7, '')]),
      frame(0, 'three'),
    );
    expect(witness.messages).toEqual([]);
    expect(witness.told).toHaveLength(1);
    expect(witness.session.state).toBe('closed');
  });

  it('neither becomes ready nor fails', () => {
    const witness = new Witness();
    witness.session.close();
    witness.hear(greeting(), readyOf('ROUTER'), 'rubbish');
    expect(witness.told).toEqual([]);
  });

  it('does not report ready if closed while it sends the command that makes it ready', () => {
    let isLast = false;
    const witness = new Witness({
      mechanism: plainServer({ socketType: 'ROUTER' }),
      on: (told, session) => 'ask' in told && session.decide('admitted'),
      onOutput: (session) => isLast && session.close(),
    }).hear(greeting('PLAIN'), command('HELLO', '\0\0'));
    witness.output();
    isLast = true;
    witness.hear(command('INITIATE', property('Socket-Type', 'DEALER')));
    expect(witness.session.state).toBe('closed');
    expect(witness.told).toHaveLength(1);
  });

  it('does not count further bytes', () => {
    const { session } = readyDealer();
    session.close();
    const before = session.received;
    session.receive(frame(0, 'x'));
    expect(session.received).toBe(before);
  });

  it('sends nothing more and drops its output', () => {
    const { session } = readyDealer();
    session.send(['last']);
    session.close();
    session.send(['too late']);
    session.ping(0);
    session.decide('admitted');
    expect(Buffer.concat(session.takeOutput())).toEqual(frame(0, 'last'));
  });
});

describe('output', () => {
  it('is reported when there was none before, and not again until it is taken', () => {
    const witness = new Witness();
    expect(witness.outputs).toBe(1);
    witness.hear(greeting(), readyOf('ROUTER'));
    expect(witness.outputs).toBe(1);
    expect(witness.session.outputBytes).toBe(witness.output().length);
    expect(witness.session.outputBytes).toBe(0);
    witness.session.send(['a', 'b']);
    witness.session.send(['c']);
    expect(witness.outputs).toBe(2);
    witness.output();
    witness.hear(command('PING', '\0\0'));
    expect(witness.outputs).toBe(3);
  });

  it('cannot be written before the handshake is done', () => {
    const { session } = new Witness();
    expect(() => session.send(['early'])).toThrow('before the handshake');
  });
});

describe('limits', () => {
  const limits = { maxFrameBytes: 300, maxMessageBytes: 500, maxFrames: 3 };
  const x = (length: number) => 'x'.repeat(length);

  it.each<[string, Buffer[], string[]]>([
    ['a frame', [frame(0, x(300))], [x(300)]],
    ['a message', [frame(1, x(250)), frame(0, x(250))], [x(250), x(250)]],
    ['frames', [frame(1, ''), frame(1, ''), frame(0, '')], ['', '', '']],
  ])('%s of the largest size is accepted', (_what, bytes, expected) => {
    const witness = readyDealer({ limits }).hear(...bytes, ...bytes);
    expect(witness.messages).toEqual([expected, expected]);
  });

  it.each<[string, Buffer[], string]>([
    ['a frame', [longFrame(0, '', 301)], 'a frame of 301 bytes: at most 300 are accepted'],
    ['a frame', [longFrame(0, '', Number.MAX_SAFE_INTEGER)], 'a frame of 9007199254740991 bytes'],
    ['a message', [frame(1, x(250)), Buffer.from([0, 251])], 'a message of more than 500 bytes'],
    ['frames', [1, 1, 1, 0].map((flags) => frame(flags, '')), 'a message of more than 3'],
    ['a command', [longFrame(4, '', 301)], 'a frame of 301 bytes'],
  ])('%s larger by one is rejected before its body arrives', (_what, bytes, text) => {
    const witness = readyDealer({ limits }).hear(...bytes);
    expect(witness.told.at(-1)).toEqual({
      failed: 'too-large',
      text: expect.stringContaining(text) as string,
    });
  });

  it('a PING is allowed while a message of the largest size is incomplete', () => {
    const witness = readyDealer({ limits }).hear(
      frame(1, x(250)),
      frame(1, x(250)),
      command('PING', '\0\0'),
      frame(0, ''),
    );
    expect(witness.messages).toEqual([[x(250), x(250), '']]);
  });

  it.each([
    ['a command in the handshake', [frame(4, x(8192))], 'malformed'],
    ['a command in the handshake', [longFrame(4, '', 8193)], 'too-large'],
    ['a message instead of one', [longFrame(0, '', 8193)], 'malformed'],
  ])('%s', (_what, bytes, code) => {
    expect(new Witness().hear(greeting(), ...bytes).failure).toBe(code);
  });

  it('PONGs do not accumulate for a peer that does not read', () => {
    const witness = readyDealer();
    for (let count = 0; count < 1000; count++) witness.hear(command('PING', '\0\0'));
    expect(witness.output()).toHaveLength(16 * command('PONG').length);
    witness.hear(command('PING', '\0\0'));
    expect(witness.output()).toEqual(command('PONG'));
  });
});

describe('invalid frames', () => {
  const ready = [greeting(), readyOf('ROUTER')];

  it.each<[string, Buffer[], string]>([
    ['a reserved bit', [...ready, Buffer.from([8])], 'a frame with the flags 0x8'],
    ['a reserved bit in the handshake', [greeting(), Buffer.from([0x84])], 'flags 0x84'],
    ['a COMMAND with MORE', [...ready, Buffer.from([5])], 'flags 0x5'],
    ['a command without a name', [...ready, frame(4, '')], 'a command without a name'],
    ['an empty name', [...ready, frame(4, '\0')], 'a command without a name'],
    ['a name beyond the end', [...ready, frame(4, '\x05PING')], 'a command without a name'],
    ['a PING without a TTL', [...ready, command('PING', '\0')], 'a PING without a TTL'],
    ['a message in the handshake', [greeting(), frame(0, 'x')], 'before the handshake was done'],
    ['an empty one', [greeting(), frame(0, '')], 'before the handshake was done'],
    ['READY as a message', [greeting(), frame(0, '\x05READY')], 'before the handshake was done'],
    ['an unknown command in it', [greeting(), command('H\xe9LLO')], '"H\\xe9LLO"'],
  ])('%s ends the connection', (_what, bytes, text) => {
    expect(new Witness().hear(...bytes).told.at(-1)).toEqual({
      failed: 'malformed',
      text: expect.stringContaining(text) as string,
    });
  });

  it('nothing is read after an invalid frame', () => {
    const witness = readyDealer().hear(Buffer.concat([Buffer.from([8]), frame(0, 'x')]));
    expect(witness.told.at(-1)).toHaveProperty('failed');
  });
});

describe('commands after the handshake', () => {
  it.each(['SUBSCRIBE', 'CANCEL', 'ERROR', 'READY', 'PONG', 'X'])('%s is ignored', (name) => {
    const witness = readyDealer().hear(command(name, 'data'), frame(0, 'x'));
    expect(witness.messages).toEqual([['x']]);
    expect(witness.session.outputBytes).toBe(0);
  });

  it('PING is answered with at most 16 bytes of its context', () => {
    const witness = readyDealer().hear(
      command('PING', '\0\0'),
      command('PING', `\0\0${'c'.repeat(16)}`),
      command('PING', `\0\0${'d'.repeat(17)}`),
    );
    expect(witness.output()).toEqual(
      Buffer.concat(
        ['', 'c'.repeat(16), 'd'.repeat(16)].map((context) => command('PONG', context)),
      ),
    );
  });

  it('PING sets the TTL of its sender until something else arrives', () => {
    const witness = readyDealer().hear(command('PING', '\x01\x02'));
    expect(witness.session.peerTtlMs).toBe(25_800);
    witness.hear(frame(0, 'x'));
    expect(witness.session.peerTtlMs).toBe(0);
  });
});

describe('PING', () => {
  it.each([
    [0, '\0\0'],
    [1.2, '\0\x02'],
    [70_000, '\xff\xff'],
    [-1, '\0\0'],
  ])('with a TTL of %d tenths of a second', (ttl, data) => {
    const { session } = readyDealer();
    session.ping(ttl);
    expect(Buffer.concat(session.takeOutput())).toEqual(command('PING', data));
  });

  it('is sent only to peers of version 3.1, and only once ready', () => {
    const witness = new Witness().hear(greeting('NULL', 0));
    witness.output();
    witness.session.ping(0);
    witness.hear(readyOf('ROUTER'));
    witness.session.ping(0);
    expect(witness.session.state).toBe('ready');
    expect(witness.session.outputBytes).toBe(0);
  });

  it('is sent to peers of a later version', () => {
    const later = greeting('NULL', 0);
    later[10] = 4;
    const witness = new Witness().hear(later, readyOf('ROUTER'));
    witness.output();
    witness.session.ping(0);
    expect(witness.output()).toEqual(command('PING', '\0\0'));
  });
});

describe('a client whose verdict is pending', () => {
  const credentials = {
    mechanism: 'PLAIN',
    username: Buffer.from('ann'),
    password: Buffer.from('secret'),
  } as const;
  const client = () =>
    new Witness({
      mechanism: plainClient({ socketType: 'DEALER', username: 'ann', password: 'secret' }),
    });
  const server = () => new Witness({ mechanism: plainServer({ socketType: 'ROUTER' }) });

  it('is not read', () => {
    const [one, other] = [client(), server()];
    converse(one, other);
    expect(other.told).toEqual([{ ask: credentials }]);
    other.hear(command('INITIATE', 'not read yet'));
    expect(other.told).toHaveLength(1);
    other.session.decide('admitted');
    expect(other.failure).toBe('malformed');
  });

  it('is read once it is admitted, and a second verdict has no effect', () => {
    const [one, other] = [client(), server()];
    converse(one, other);
    other.session.decide('admitted');
    other.session.decide('refused');
    converse(one, other);
    expect([one.session.state, other.session.state]).toEqual(['ready', 'ready']);
    one.session.send(['x']);
    converse(one, other);
    expect(other.messages).toEqual([['x']]);
  });

  it.each([
    ['refused', 'refused'],
    ['failed', 'undecided'],
  ] as const)('ends as %s', (verdict, code) => {
    const [one, other] = [client(), server()];
    converse(one, other);
    other.session.decide(verdict);
    converse(one, other);
    expect([one.failure, other.failure]).toEqual([code, code]);
  });

  it('is told nothing of a verdict after its end', () => {
    const [one, other] = [client(), server()];
    converse(one, other);
    other.session.close();
    other.session.decide('admitted');
    expect(other.session.outputBytes).toBe(0);
  });
});
