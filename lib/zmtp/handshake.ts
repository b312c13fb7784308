import { COMMAND } from './frame-flags.js';
import { type Greeting, GreetingReader } from './greeting.js';
import type { HandshakeStep, Mechanism } from './mechanism.js';
import { failed } from './step.js';
import { isZmtpError, ZmtpError } from './zmtp-error.js';

/** Bound for a peer that has not authenticated yet. Handshakes of this library and of libzmq take less than 1 KB. */
export const MAX_HANDSHAKE_COMMAND_BYTES = 8192;
export const MAX_HANDSHAKE_BYTES = 16_384;
export const MAX_HANDSHAKE_COMMANDS = 8;

/** The handshake of one connection: a greeting, then the commands of a mechanism, within bounds. */
export class Handshake {
  readonly mechanism: Mechanism;
  /** The peer's greeting; undefined before it is complete. */
  greeting: Greeting | undefined;
  readonly #reader: GreetingReader;
  #commands = 0;
  #bytes = 0;

  constructor(mechanism: Mechanism) {
    this.mechanism = mechanism;
    this.#reader = new GreetingReader(mechanism);
  }

  /** @returns undefined while the greeting is incomplete */
  greet(octet: number): HandshakeStep | undefined {
    const greeting = this.#reader.push(octet);
    if (!greeting) return undefined;
    if (isZmtpError(greeting)) return failed(greeting);
    this.greeting = greeting;
    return this.mechanism.start();
  }

  receive(flags: number, body: Buffer): HandshakeStep {
    if (!(flags & COMMAND)) return failed(tooEarly());
    this.#bytes += body.length;
    if (++this.#commands > MAX_HANDSHAKE_COMMANDS || this.#bytes > MAX_HANDSHAKE_BYTES) {
      return failed(new ZmtpError('too-large', 'a handshake of too many commands or bytes'));
    }
    return this.mechanism.receive(body);
  }
}

/** The error for a frame that exceeds the bound of a handshake. */
export function tooLarge(flags: number, size: number): ZmtpError {
  return flags & COMMAND
    ? new ZmtpError('too-large', `a command of ${size} bytes in the handshake`)
    : tooEarly();
}

function tooEarly(): ZmtpError {
  return new ZmtpError('malformed', 'a message before the handshake was done');
}
