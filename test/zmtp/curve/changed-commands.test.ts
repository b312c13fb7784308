import { describe, expect, it } from 'vitest';
import { CookieJar } from '../../../lib/zmtp/curve/cookie-jar.js';
import { encodeCommand, encodeError } from '../../../lib/zmtp/command.js';
import { aClient, aServer, type CommandName, COMMANDS, crypto, Handshake } from './fixtures.js';

/** Source: RFC 26. The last two have metadata at their end. */
const LEAST_BYTES: Record<CommandName, number> = {
  HELLO: 200,
  WELCOME: 168,
  INITIATE: 257,
  READY: 30,
};

/** For results that depend on the byte. */
const SENSELESS = ['malformed', 'forged'];

const inTurn = COMMANDS.map((name) => [name] as const);

/** The result, whatever the cause: nobody is admitted, and nothing is answered. */
function refusalOf(handshake: Handshake, command: Buffer): string {
  const { send, outcome } = handshake.deliver(command);
  if (outcome.type !== 'failed') throw new Error(`${outcome.type}, of ${command.toString('hex')}`);
  expect(send).toEqual([]);
  expectEnd(handshake);
  return outcome.error.code;
}

/** A valid command comes too late afterwards. */
function expectEnd(handshake: Handshake): void {
  expect(handshake.deliver()).toMatchObject({ send: [], outcome: { type: 'failed' } });
  expect(handshake.receiver.cipher).toBeUndefined();
}

/** The commands of one handshake, in order. */
function recording(): Record<CommandName, Buffer> {
  const handshake = new Handshake();
  const [hello, welcome, initiate, ready] = COMMANDS.map((name) => handshake.upTo(name).command);
  if (!hello || !welcome || !initiate || !ready) throw new Error('a handshake has four commands');
  return { HELLO: hello, WELCOME: welcome, INITIATE: initiate, READY: ready };
}

describe.each(inTurn)('a modified %s', (name) => {
  const { length } = recording()[name];

  it('is rejected with any bit flipped', () => {
    for (let bit = 0; bit < 8 * length; bit++) {
      const handshake = new Handshake().upTo(name);
      const changed = Buffer.from(handshake.command);
      const at = bit >> 3;
      changed[at] = (changed[at] ?? 0) ^ (1 << (bit % 8));
      expect(SENSELESS).toContain(refusalOf(handshake, changed));
    }
  });

  it('is rejected when truncated anywhere', () => {
    for (let at = 0; at < length; at++) {
      const handshake = new Handshake().upTo(name);
      const code = refusalOf(handshake, handshake.command.subarray(0, at));
      expect(code).toBe(at < LEAST_BYTES[name] ? 'malformed' : 'forged');
    }
  });

  it('is rejected with extra bytes', () => {
    for (const more of [Buffer.of(0), Buffer.of(1), Buffer.alloc(16), Buffer.alloc(5000)]) {
      const handshake = new Handshake().upTo(name);
      const longer = Buffer.concat([handshake.command, more]);
      // The size of these commands is fixed, and checked before anything is decrypted.
      const isOfOneSize = name === 'HELLO' || name === 'WELCOME';
      expect(refusalOf(handshake, longer)).toBe(isOfOneSize ? 'malformed' : 'forged');
    }
  });

  it('is rejected when another command takes its place', () => {
    const others = COMMANDS.filter((other) => other !== name);
    const commands = others.map((other) => recording()[other]);
    commands.push(
      Buffer.alloc(0),
      Buffer.alloc(1),
      encodeCommand('MESSAGE', Buffer.alloc(40)),
      encodeCommand('PING', Buffer.alloc(2)),
    );
    for (const command of commands) {
      expect(refusalOf(new Handshake().upTo(name), command)).toBe('malformed');
    }
  });

  it('is rejected when repeated', () => {
    const handshake = new Handshake().upTo(name);
    const { command, receiver } = handshake;
    expect(handshake.deliver().outcome.type).not.toBe('failed');
    const { send, outcome } = receiver.receive(command);
    expect(send).toEqual([]);
    expect(outcome).toMatchObject({ type: 'failed', error: { code: 'malformed' } });
  });
});

describe('a command of another handshake', () => {
  it.each([['WELCOME'], ['INITIATE'], ['READY']] as const)('is rejected: %s', (name) => {
    expect(refusalOf(new Handshake().upTo(name), recording()[name])).toBe('forged');
  });

  it('answers a replayed HELLO with a WELCOME that only the original sender can decrypt', () => {
    const { HELLO } = recording();
    const { send, outcome } = new Handshake().deliver(HELLO);
    expect(outcome.type).toBe('wait');
    expect(new Handshake().upTo('WELCOME').deliver(send[0]).outcome).toMatchObject({
      type: 'failed',
      error: { code: 'forged' },
    });
  });

  it('opens no second connection, even while the key of its cookie still exists', () => {
    const cookies = new CookieJar(crypto, () => 0);
    const recorded = new Handshake(aClient(), aServer({ cookies }));
    const hello = recorded.command;
    const initiate = recorded.upTo('INITIATE').command;
    const again = aServer({ cookies });
    again.start();
    expect(again.receive(hello).outcome.type).toBe('wait');
    expect(again.receive(initiate).outcome).toMatchObject({
      type: 'failed',
      error: { code: 'forged' },
    });
    // The connection whose handshake was recorded is not affected.
    expect(recorded.deliver().outcome.type).toBe('ready');
  });
});

describe('an ERROR', () => {
  it.each([
    ['WELCOME', '400', 'refused'],
    ['READY', '400', 'refused'],
    ['READY', '500', 'undecided'],
    ['READY', '300', 'undecided'],
    ['READY', 'go away', 'peer-error'],
  ] as const)('in the place of %s tells a client why: %s', (name, reason, code) => {
    const handshake = new Handshake().upTo(name);
    expect(handshake.deliver(encodeError(reason)).outcome).toMatchObject({
      type: 'failed',
      error: { code },
    });
    expectEnd(handshake);
  });

  it.each([['HELLO'], ['INITIATE']] as const)(
    'is not accepted from a client: in the place of %s',
    (name) => {
      expect(refusalOf(new Handshake().upTo(name), encodeError('400'))).toBe('malformed');
    },
  );

  it('is ignored by a client that has ended', () => {
    const client = aClient();
    client.start();
    client.dispose();
    const { outcome } = client.receive(encodeError('400'));
    expect(outcome).toMatchObject({ type: 'failed', error: { code: 'malformed' } });
  });
});
