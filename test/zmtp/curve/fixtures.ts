import { createHash } from 'node:crypto';
import { sodiumCrypto } from '../../../lib/sockets/node/sodium.js';
import type { CurveCrypto } from '../../../lib/zmtp/curve-crypto.js';
import { CookieJar } from '../../../lib/zmtp/curve/cookie-jar.js';
import { curveClient, type CurveClientOptions } from '../../../lib/zmtp/curve/curve-client.js';
import { curveServer, type CurveServerOptions } from '../../../lib/zmtp/curve/curve-server.js';
import { freshKeyPair } from '../../../lib/zmtp/curve/key-pair.js';
import type { FrameCipher, HandshakeStep, Mechanism } from '../../../lib/zmtp/mechanism.js';

export const crypto = await sodiumCrypto();

/** Chance that is the same in every run, so that keys, nonces and cookies are, too. */
export function foretold(seed: string): CurveCrypto {
  let count = 0;
  const randomBytes = (length: number) =>
    createHash('shake256', { outputLength: length }).update(`${seed} ${count++}`).digest();
  return { ...crypto, randomBytes };
}

export const [serverPair, clientPair, otherPair] = [
  freshKeyPair(foretold('server')),
  freshKeyPair(foretold('client')),
  freshKeyPair(foretold('other')),
];

export function aClient(options: Partial<CurveClientOptions> = {}): Mechanism {
  return curveClient({
    socketType: 'DEALER',
    routingId: Buffer.from('client-1'),
    ...clientPair,
    serverKey: serverPair.publicKey,
    crypto,
    ...options,
  });
}

export function aServer(options: Partial<CurveServerOptions> = {}): Mechanism {
  return curveServer({
    socketType: 'ROUTER',
    ...serverPair,
    cookies: new CookieJar(options.crypto ?? crypto, () => 0),
    crypto,
    ...options,
  });
}

/** The one command of a step. */
export function only({ send }: HandshakeStep): Buffer {
  const [command, ...more] = send;
  if (!command || more.length > 0) throw new Error(`${send.length} commands, where 1 was due`);
  return command;
}

/** The commands of a handshake, in order. Odd ones are the client's. */
export const COMMANDS = ['HELLO', 'WELCOME', 'INITIATE', 'READY'] as const;
export type CommandName = (typeof COMMANDS)[number];

/** A handshake that goes on step by step. What the one side says can be changed before the other side hears it. */
export class Handshake {
  readonly client: Mechanism;
  readonly server: Mechanism;
  /** The next command, on its way. */
  command: Buffer;
  #next = 0;

  constructor(client = aClient(), server = aServer()) {
    this.client = client;
    this.server = server;
    server.start();
    this.command = only(client.start());
  }

  /** Of the present command. */
  get receiver(): Mechanism {
    return this.#next % 2 === 0 ? this.server : this.client;
  }

  /** On to where this command is on its way. */
  upTo(name: CommandName): this {
    while (COMMANDS[this.#next] !== name) this.#goOn();
    return this;
  }

  /** What the receiver of the present command makes of this one. A server admits everybody. */
  deliver(command = this.command): HandshakeStep {
    const step = this.receiver.receive(command);
    return step.outcome.type === 'ask' ? this.server.decide('admitted') : step;
  }

  /** To its end. */
  done(): this {
    this.upTo('READY').deliver();
    return this;
  }

  #goOn(): void {
    this.command = only(this.deliver());
    this.#next++;
  }
}

export function cipherOf({ cipher }: Mechanism): FrameCipher {
  if (!cipher) throw new Error('no cipher yet');
  return cipher;
}
