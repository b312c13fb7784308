import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import type { Mechanism } from '../../lib/zmtp/mechanism.js';
import { nullMechanism } from '../../lib/zmtp/null-mechanism.js';
import { plainClient } from '../../lib/zmtp/plain-client.js';
import { plainServer } from '../../lib/zmtp/plain-server.js';
import { dealer, router, Witness } from './witness.js';

/** Recorded from libzmq by test/zmtp/record.mjs. */
interface Recorded {
  readonly conversations: readonly {
    readonly name: string;
    readonly transcript: readonly { from: 'libzmq' | 'peer'; hex?: string; end?: true }[];
  }[];
}

const recorded = JSON.parse(
  readFileSync(new URL('recorded.json', import.meta.url), 'utf8'),
) as Recorded;

function transcript(name: string) {
  const found = recorded.conversations.find((one) => one.name === name);
  if (!found) throw new Error(`nothing was recorded of ${name}`);
  return found.transcript.flatMap(({ from, hex }) =>
    hex === undefined ? [] : [{ from, bytes: Buffer.from(hex, 'hex') }],
  );
}

function saidBy(who: 'libzmq' | 'peer', name: string): Buffer[] {
  return transcript(name).flatMap(({ from, bytes }) => (from === who ? [bytes] : []));
}

const MESSAGES = [
  ['hello'],
  [''],
  ['', 'two'],
  [Buffer.from('grüße'), Buffer.from([0, 255, 128])],
  ['s'.repeat(255), 'm'.repeat(256), 'l'.repeat(300), ''],
];

const asLatin1 = MESSAGES.map((frames) => frames.map((one) => Buffer.from(one).toString('latin1')));

/**
 * Removes the differences: RFC 37 ignores the padding, in which libzmq has the length of its routing id for version 1 of the
 * protocol; and libzmq never sets as-server.
 */
function comparable(said: Buffer | Buffer[]): string {
  const bytes = Buffer.concat([said].flat());
  bytes.fill(0, 1, 9);
  bytes[32] = 0;
  return bytes.toString('latin1');
}

const plainUser = {
  socketType: 'DEALER',
  routingId: Buffer.from('you'),
  username: 'ann',
  password: 'secret',
} as const;

describe('a session understands recorded bytes of libzmq', () => {
  it.each<[string, Mechanism, string, string]>([
    ['ROUTER, NULL', dealer('me'), 'ROUTER', ''],
    ['DEALER, NULL', router(), 'DEALER', 'you'],
    ['ROUTER, PLAIN', plainClient({ ...plainUser, username: '200' }), 'ROUTER', ''],
    ['DEALER, PLAIN', plainServer({ socketType: 'ROUTER' }), 'DEALER', 'you'],
  ])('%s', (name, mechanism, socketType, routingId) => {
    const witness = new Witness({
      mechanism,
      on: (told, session) => 'ask' in told && session.decide('admitted'),
    }).hear(...saidBy('libzmq', name));
    expect(witness.told).toContainEqual({
      ready: { socketType, routingId: Buffer.from(routingId) },
    });
    expect(witness.messages).toEqual(asLatin1);
    expect(witness.failure).toBeUndefined();
  });

  it('REQ', () => {
    const witness = new Witness({ mechanism: router() }).hear(...saidBy('libzmq', 'REQ, NULL'));
    expect(witness.told).toEqual([
      { ready: { socketType: 'REQ', routingId: Buffer.alloc(0) } },
      { message: ['', 'question'] },
    ]);
  });

  it('PING with its TTL', () => {
    const name = 'DEALER, NULL, PING';
    const witness = new Witness({ mechanism: router() }).hear(...saidBy('libzmq', name));
    expect(witness.session.peerTtlMs).toBe(1500);
    expect(witness.output().subarray(-7).toString('latin1')).toBe('\x04\x05\x04PONG');
  });

  it('PONG, which needs no answer', () => {
    const witness = new Witness({ mechanism: dealer('me') });
    witness.hear(...saidBy('libzmq', 'ROUTER, NULL').slice(0, -2));
    witness.output();
    witness.hear(...saidBy('libzmq', 'ROUTER, NULL').slice(-2));
    expect(witness.failure).toBeUndefined();
    expect(witness.session.outputBytes).toBe(0);
  });

  it.each([
    ['ROUTER, PLAIN, 400', 'refused'],
    ['ROUTER, PLAIN, 500', 'undecided'],
  ])('%s', (name, code) => {
    const witness = new Witness({ mechanism: plainClient(plainUser) });
    expect(witness.hear(...saidBy('libzmq', name)).failure).toBe(code);
  });

  it('PUB, which cannot talk to a ROUTER', () => {
    const witness = new Witness({ mechanism: router() }).hear(...saidBy('libzmq', 'PUB, NULL'));
    expect(witness.told).toEqual([
      { failed: 'socket-type', text: 'the peer is a PUB socket, which cannot talk to a ROUTER' },
    ]);
  });

  it('CURVE, while this side uses NULL', () => {
    const [bytes] = saidBy('libzmq', 'DEALER, CURVE to a NULL peer');
    const witness = new Witness({ mechanism: router() }).hear(bytes ?? '');
    expect(witness.told).toEqual([
      {
        failed: 'mechanism-mismatch',
        text: 'the peer has the mechanism CURVE, this side NULL',
      },
    ]);
    // RFC 37: a peer that reads a full greeting MUST also send one.
    expect(witness.output()).toHaveLength(64);
  });
});

describe('a session sends the same bytes as libzmq', () => {
  it.each<[string, Mechanism]>([
    ['ROUTER, NULL', router()],
    ['DEALER, NULL', dealer('you')],
    ['ROUTER, PLAIN', plainServer({ socketType: 'ROUTER' })],
    ['DEALER, PLAIN', plainClient(plainUser)],
  ])('%s', (name, mechanism) => {
    const witness = new Witness({
      mechanism,
      on: (told, session) => {
        if ('ask' in told) session.decide('admitted');
        if ('ready' in told) for (const frames of MESSAGES) session.send(frames);
      },
    });
    witness.hear(...saidBy('peer', name));
    expect(witness.messages).toEqual(asLatin1);
    expect(comparable(witness.output())).toBe(comparable(saidBy('libzmq', name)));
  });

  it.each<[string, 'refused' | 'failed']>([
    ['ROUTER, PLAIN, 400', 'refused'],
    ['ROUTER, PLAIN, 500', 'failed'],
  ])('%s', (name, verdict) => {
    const witness = new Witness({
      mechanism: plainServer({ socketType: 'ROUTER' }),
      on: (told, session) => 'ask' in told && session.decide(verdict),
    }).hear(...saidBy('peer', name));
    expect(comparable(witness.output())).toBe(comparable(saidBy('libzmq', name)));
  });

  it('PING with its TTL', () => {
    const name = 'DEALER, NULL, PING';
    const witness = new Witness({
      mechanism: nullMechanism({ socketType: 'DEALER' }),
    }).hear(...saidBy('peer', name));
    witness.session.ping(15);
    expect(comparable(witness.output())).toBe(comparable(saidBy('libzmq', name)));
  });
});
