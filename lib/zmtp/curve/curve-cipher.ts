import type { CurveCrypto, OpenedFrame } from '../curve-crypto.js';
import { COMMAND, MORE } from '../frame-flags.js';
import type { FrameCipher } from '../mechanism.js';
import { ZmtpError } from '../zmtp-error.js';
import { MAC_BYTES } from './boxes.js';
import { NonceCounter, NonceGuard } from './short-nonces.js';

/** "\x07MESSAGE" and 8 bytes of nonce. Source: RFC 26, "The MESSAGE Command". */
const HEAD_BYTES = 16;
const NAME_BYTES = 8;

/** A bit of the flags inside a box, where MORE is as in a frame. RFC 26 does not know it: it is libzmq's, for PING and PONG. */
const SEALED_COMMAND = 2;

export interface CurveCipherOptions {
  readonly isServer: boolean;
  /** What the two transient key pairs share. The cipher wipes it at its end. */
  readonly key: Uint8Array;
  /** Those of the handshake, which go on. */
  readonly sent: NonceCounter;
  readonly received: NonceGuard;
  readonly crypto: CurveCrypto;
}

/*
 * One for all connections: sealing and opening begin and end in one go. The prefixes keep what one side has sent from
 * being taken for what the other has sent, which is why the two sides may use one key and the same numbers.
 */
const head = Buffer.from('\x07MESSAGE........', 'latin1');
const [NAME_HIGH, NAME_LOW] = [head.readUInt32BE(0), head.readUInt32BE(4)];
const ofClient = Buffer.from('CurveZMQMESSAGEC........', 'latin1');
const ofServer = Buffer.from('CurveZMQMESSAGES........', 'latin1');
const NONCE_OFFSET = 16;

/** The frames of a connection after its handshake, each of them a MESSAGE. */
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
      return new ZmtpError('exhausted', 'no frame can be encrypted any more: all nonces are used');
    }
    const nonce = this.#own;
    this.#sent.write(head, NAME_BYTES);
    this.#sent.write(nonce, NONCE_OFFSET);
    const sealed = (flags & MORE) | (flags & COMMAND ? SEALED_COMMAND : 0);
    return this.#crypto.sealFrame(head, sealed, body, nonce, this.#key);
  }

  open(body: Buffer): { readonly flags: number; readonly body: Buffer } | ZmtpError {
    if (!this.#key) return ended();
    if (!isMessage(body)) {
      return new ZmtpError(
        'malformed',
        'a frame that is no MESSAGE: nothing else may come encrypted',
      );
    }
    if (!this.#received.accepts(body, NAME_BYTES)) {
      return new ZmtpError(
        'forged',
        'an encrypted frame came again or out of order, or one before it is missing',
      );
    }
    const nonce = this.#theirs;
    nonce.writeUInt32BE(body.readUInt32BE(NAME_BYTES), NONCE_OFFSET);
    nonce.writeUInt32BE(body.readUInt32BE(NAME_BYTES + 4), NONCE_OFFSET + 4);
    const content = this.#crypto.openFrame(body, HEAD_BYTES, nonce, this.#key);
    if (!content) {
      return new ZmtpError('forged', 'an encrypted frame is not as the peer sent it');
    }
    this.#received.note(body, NAME_BYTES);
    return contentOf(content);
  }

  /** Nothing is encrypted or decrypted any more. */
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
      `an encrypted frame with the flags ${first}: there are 1 and 2`,
    );
  }
  return { flags: (first & MORE) | (first & SEALED_COMMAND ? COMMAND : 0), body: rest };
}

function ended(): ZmtpError {
  return new ZmtpError('exhausted', 'the connection has ended, and its keys are gone');
}
