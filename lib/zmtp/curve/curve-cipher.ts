import type { CurveCrypto, OpenedFrame } from '../curve-crypto.js';
import { COMMAND, MORE } from '../frame-flags.js';
import type { FrameCipher } from '../mechanism.js';
import { ZmtpError } from '../zmtp-error.js';
import { MAC_BYTES } from './boxes.js';
import { NonceCounter, NonceGuard } from './short-nonces.js';

/** "\x07MESSAGE" and 8 bytes of nonce. Source: RFC 26, "The MESSAGE Command". */
const HEAD_BYTES = 16;
const NAME_BYTES = 8;

/** Command flag inside a box, where MORE is as in a frame. It is not in RFC 26: libzmq uses it for PING and PONG. */
const SEALED_COMMAND = 2;

export interface CurveCipherOptions {
  readonly isServer: boolean;
  /** The key that both transient key pairs share. The cipher wipes it when it ends. */
  readonly key: Uint8Array;
  /** The nonces of the handshake, which continue. */
  readonly sent: NonceCounter;
  readonly received: NonceGuard;
  readonly crypto: CurveCrypto;
}

/*
 * Scratch buffers shared by all connections, since sealing and opening are synchronous. The two prefixes keep frames of one
 * side from being accepted as frames of the other, so both sides may use one key and the same numbers.
 */
const head = Buffer.from('\x07MESSAGE........', 'latin1');
const [NAME_HIGH, NAME_LOW] = [head.readUInt32BE(0), head.readUInt32BE(4)];
const ofClient = Buffer.from('CurveZMQMESSAGEC........', 'latin1');
const ofServer = Buffer.from('CurveZMQMESSAGES........', 'latin1');
const NONCE_OFFSET = 16;

/** Seals and opens the frames of a connection after its handshake, each as a MESSAGE. */
export class CurveCipher implements FrameCipher {
  readonly #crypto: CurveCrypto;
  readonly #sent: NonceCounter;
  readonly #received: NonceGuard;
  readonly #own: Buffer;
  readonly #theirs: Buffer;
  #key: Uint8Array | undefined;

  constructor({ isServer, key, sent, received, crypto }: CurveCipherOptions) {
    this.#crypto = crypto;
    this.#key = key;
    this.#sent = sent;
    this.#received = received;
    [this.#own, this.#theirs] = isServer ? [ofServer, ofClient] : [ofClient, ofServer];
  }

  seal(flags: number, body: Buffer): Buffer | ZmtpError {
    if (!this.#key) return ended();
    if (!this.#sent.next()) {
      return new ZmtpError('exhausted', 'no more frames can be encrypted: all nonces are used');
    }
    const nonce = this.#own;
    this.#sent.write(head, NAME_BYTES);
    this.#sent.write(nonce, NONCE_OFFSET);
    const sealed = (flags & MORE) | (flags & COMMAND ? SEALED_COMMAND : 0);
    try {
      return this.#crypto.sealFrame(head, sealed, body, nonce, this.#key);
    } catch {
      return noMemory(body);
    }
  }

  open(body: Buffer): { readonly flags: number; readonly body: Buffer } | ZmtpError {
    if (!this.#key) return ended();
    if (!isMessage(body)) {
      return new ZmtpError('malformed', 'a frame that is not a MESSAGE, after the CURVE handshake');
    }
    if (!this.#received.accepts(body, NAME_BYTES)) {
      return new ZmtpError(
        'forged',
        'an encrypted frame was repeated or reordered, or an earlier one is missing',
      );
    }
    const nonce = this.#theirs;
    nonce.writeUInt32BE(body.readUInt32BE(NAME_BYTES), NONCE_OFFSET);
    nonce.writeUInt32BE(body.readUInt32BE(NAME_BYTES + 4), NONCE_OFFSET + 4);
    let content: OpenedFrame | undefined;
    try {
      content = this.#crypto.openFrame(body, HEAD_BYTES, nonce, this.#key);
    } catch {
      return noMemory(body);
    }
    if (!content) {
      return new ZmtpError('forged', 'an encrypted frame was changed on its way');
    }
    this.#received.note(body, NAME_BYTES);
    return contentOf(content);
  }

  /** After this, nothing is encrypted or decrypted. */
  dispose(): void {
    if (this.#key) this.#crypto.wipe(this.#key);
    this.#key = undefined;
  }
}

function isMessage(body: Buffer): boolean {
  return (
    body.length > HEAD_BYTES + MAC_BYTES &&
    body.readUInt32BE(0) === NAME_HIGH &&
    body.readUInt32BE(4) === NAME_LOW
  );
}

function contentOf({
  first,
  rest,
}: OpenedFrame): { readonly flags: number; readonly body: Buffer } | ZmtpError {
  if (first > (MORE | SEALED_COMMAND)) {
    return new ZmtpError(
      'malformed',
      `an encrypted frame with the flags ${first}: only 1 and 2 are defined`,
    );
  }
  return { flags: (first & MORE) | (first & SEALED_COMMAND ? COMMAND : 0), body: rest };
}

/** The memory of libsodium's WebAssembly ends at 2 GiB, and `maxMessageSize` may allow frames that come close to that. */
function noMemory({ length }: Buffer): ZmtpError {
  return new ZmtpError('too-large', `there is no memory to encrypt or decrypt ${length} bytes`);
}

function ended(): ZmtpError {
  return new ZmtpError('exhausted', 'the connection has ended, and its keys are gone');
}
