import { COMMAND } from './frame-flags.js';
import { type Greeting, GreetingReader } from './greeting.js';
import type { HandshakeStep, Mechanism } from './mechanism.js';
import { failed } from './step.js';
import { isZmtpError, ZmtpError } from './zmtp-error.js';

/** Until it has shown who it is a peer gets little: the handshakes of this library and of libzmq take less than 1 KB. */
export const MAX_HANDSHAKE_COMMAND_BYTES = 8192;
export const MAX_HANDSHAKE_BYTES = 16_384;
export const MAX_HANDSHAKE_COMMANDS = 8;

/** A greeting, and then the commands of a mechanism, within bounds. */
export class Handshake {
  readonly mechanism: Mechanism;
  /** What the peer's greeting said; undefined before. */
  greeting: Greeting | undefined;
  readonly #reader: GreetingReader;
  #commands = 0;
  #bytes = 0;

  constructor(mechanism: Mechanism) {
    this.mechanism = mechanism;
    this.#reader = new GreetingReader(mechanism);
  }

  /** @returns undefined for as long as the greeting is not complete */
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

/** A frame is larger than the handshake may have. */
export function tooLarge(flags: number, size: number): ZmtpError {
  return flags & COMMAND
    ? new ZmtpError('too-large', `a command of ${size} bytes in the handshake`)
    : tooEarly();
}

function tooEarly(): ZmtpError {
  return new ZmtpError('malformed', 'a message before the handshake was done');
}
