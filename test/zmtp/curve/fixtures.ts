import { createHash } from 'node:crypto';
import { sodiumCrypto } from '../../../lib/sockets/node/sodium.js';
import type { CurveCrypto } from '../../../lib/zmtp/curve-crypto.js';
import { CookieJar } from '../../../lib/zmtp/curve/cookie-jar.js';
import { curveClient, type CurveClientOptions } from '../../../lib/zmtp/curve/curve-client.js';
import { curveServer, type CurveServerOptions } from '../../../lib/zmtp/curve/curve-server.js';
import { freshKeyPair } from '../../../lib/zmtp/curve/key-pair.js';
import type { FrameCipher, HandshakeStep, Mechanism } from '../../../lib/zmtp/mechanism.js';

export const crypto = await sodiumCrypto();

/** Deterministic randomness, so that keys, nonces and cookies are the same in every run. */
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

/** The only command of a step. */
export function only({ send }: HandshakeStep): Buffer {
  const [command, ...more] = send;
  if (!command || more.length > 0) throw new Error(`${send.length} commands, where 1 was due`);
  return command;
}

/** The commands of a handshake, in order. Every odd one is the client's. */
export const COMMANDS = ['HELLO', 'WELCOME', 'INITIATE', 'READY'] as const;
export type CommandName = (typeof COMMANDS)[number];

/** A handshake that advances step by step. A test can change a command before the other side receives it. */
export class Handshake {
  readonly client: Mechanism;
  readonly server: Mechanism;
  /** The command in transit. */
  command: Buffer;
  #next = 0;

  constructor(client = aClient(), server = aServer()) {
    this.client = client;
    this.server = server;
    server.start();
    this.command = only(client.start());
  }

  /** For the command in transit. */
  get receiver(): Mechanism {
    return this.#next % 2 === 0 ? this.server : this.client;
  }

  /** Advances until this command is in transit. */
  upTo(name: CommandName): this {
    while (COMMANDS[this.#next] !== name) this.#goOn();
    return this;
  }

  /** Delivers this command to the receiver of the one in transit. A server admits every client. */
  deliver(command = this.command): HandshakeStep {
    const step = this.receiver.receive(command);
    return step.outcome.type === 'ask' ? this.server.decide('admitted') : step;
  }

  /** Advances to the end. */
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
