import type { Mechanism } from './mechanism.js';
import { printable } from './printable.js';
import { nameStranger } from './stranger.js';
import { ZmtpError } from './zmtp-error.js';

/** Layout from RFC 37 of ZeroMQ, "Formal Grammar": signature, version, mechanism, as-server, filler. */
const GREETING_BYTES = 64;
const SIGNATURE_BYTES = 10;
const MAJOR = 10;
const MINOR = 11;
const MECHANISM = 12;
const MECHANISM_END = 32;
const AS_SERVER = 32;

/** The version that this side speaks. */
const OWN_MAJOR = 3;
const OWN_MINOR = 1;

export interface Greeting {
  /** The peer speaks at least 3.1, and therefore knows PING. */
  readonly knowsPing: boolean;
}

/** What a whole greeting says of its sender. */
export interface GreetingFields {
  /** Such as `3.1`. */
  readonly version: string;
  /** Such as `CURVE`, with everything escaped that is not ASCII. */
  readonly mechanism: string;
}

/** @param bytes the 64 octets of a greeting of ZMTP 3 */
export function greetingFields(bytes: Buffer): GreetingFields {
  return { version: `${bytes[MAJOR]}.${bytes[MINOR]}`, mechanism: mechanismOf(bytes) };
}

export function encodeGreeting(mechanism: Mechanism): Buffer {
  const bytes = Buffer.alloc(GREETING_BYTES);
  bytes[0] = 0xff;
  bytes[SIGNATURE_BYTES - 1] = 0x7f;
  bytes[MAJOR] = OWN_MAJOR;
  bytes[MINOR] = OWN_MINOR;
  bytes.write(mechanism.name, MECHANISM, 'latin1');
  bytes[AS_SERVER] = mechanism.isServer ? 1 : 0;
  return bytes;
}

/** Reads the peer's greeting octet by octet, so that another protocol is recognized by its first octets. */
export class GreetingReader {
  /** Memory of its own: a peer that stops midway must not keep a slab of Node's pool alive. */
  readonly #bytes = Buffer.allocUnsafeSlow(GREETING_BYTES);
  #length = 0;
  readonly #own: Mechanism;

  constructor(own: Mechanism) {
    this.#own = own;
  }

  /** @returns undefined while the greeting is incomplete */
  push(octet: number): Greeting | ZmtpError | undefined {
    this.#bytes[this.#length++] = octet;
    const bytes = this.#bytes.subarray(0, this.#length);
    if (bytes.length <= SIGNATURE_BYTES) return nameStranger(bytes);
    if (bytes.length === MAJOR + 1 && octet < OWN_MAJOR) {
      // Sources: RFC 15 calls its version 2.0 revision 1; libzmq calls the version before it revision 0.
      return new ZmtpError(
        'old-version',
        `the peer speaks ZMTP ${octet === 0 ? 1 : 2}: ZeroMQ before 4.0`,
      );
    }
    return bytes.length < GREETING_BYTES ? undefined : this.#judge(bytes);
  }

  #judge(bytes: Buffer): Greeting | ZmtpError {
    const field = bytes.subarray(MECHANISM, MECHANISM_END);
    const own = Buffer.alloc(field.length);
    own.write(this.#own.name, 'latin1');
    if (!field.equals(own)) {
      const theirs = mechanismOf(bytes);
      return new ZmtpError(
        'mechanism-mismatch',
        `the peer has the mechanism ${theirs || 'without a name'}, this side ${this.#own.name}`,
      );
    }
    // A missing bit proves nothing, since libzmq never sets it: two libzmq servers wait for each other, two clients both send HELLO.
    if (this.#own.isServer && bytes[AS_SERVER] === 1) {
      return new ZmtpError('role-mismatch', `both sides are servers of ${this.#own.name}`);
    }
    const isLater = (bytes[MAJOR] ?? 0) > OWN_MAJOR;
    return { knowsPing: isLater || (bytes[MINOR] ?? 0) >= OWN_MINOR };
  }
}

function mechanismOf(bytes: Buffer): string {
  const field = bytes.subarray(MECHANISM, MECHANISM_END);
  const end = field.indexOf(0);
  return printable(field.subarray(0, end < 0 ? field.length : end));
}
