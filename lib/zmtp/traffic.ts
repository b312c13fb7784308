import { type Frame, joined } from '../frame.js';
import { decodeCommand } from './command.js';
import { COMMAND, isValid, MORE } from './frame-flags.js';
import type { FrameCipher } from './mechanism.js';
import type { Output } from './output.js';
import { decodePing } from './ping.js';
import type { MessageLimits, SessionListener } from './session-options.js';
import { invalidFlags, isZmtpError, ZmtpError } from './zmtp-error.js';

/** What a cipher may add to a frame (33 bytes in RFC 26), plus room for a PING between the frames of a message. */
const SEALED_EXTRA_BYTES = 64;

/** Bound for waiting PONGs: a peer that does not read needs no more. */
const MAX_WAITING_PONGS = 16;

/** Encodes and decodes the messages and commands after the handshake. */
export class Traffic {
  readonly #limits: MessageLimits;
  readonly #cipher: FrameCipher | undefined;
  readonly #output: Output;
  readonly #listener: Pick<SessionListener, 'onCommand'>;
  #frames: Frame[] | undefined;
  #bytes = 0;
  #waitingPongs = 0;
  #peerTtlMs = 0;

  constructor(
    limits: MessageLimits,
    cipher: FrameCipher | undefined,
    output: Output,
    listener: Pick<SessionListener, 'onCommand'>,
  ) {
    this.#limits = limits;
    this.#cipher = cipher;
    this.#output = output;
    this.#listener = listener;
  }

  /** The TTL of the peer's PING, if nothing has arrived since. */
  get peerTtlMs(): number {
    return this.#peerTtlMs;
  }

  /** The largest allowed body of the next frame. */
  get limit(): number {
    return this.#room + this.#extra;
  }

  get commandLimit(): number {
    return this.#limits.maxFrameBytes + this.#extra;
  }

  /** @returns an error if the connection has to end */
  send(frames: readonly (Buffer | string)[]): ZmtpError | undefined {
    const last = frames.length - 1;
    for (let index = 0; index <= last; index++) {
      const error = this.#write(index < last ? MORE : 0, frames[index] ?? '');
      if (error) return error;
    }
    return undefined;
  }

  sendCommand(body: Buffer): ZmtpError | undefined {
    return this.#write(COMMAND, body);
  }

  /** The output has been taken. */
  pongsLeft(): void {
    this.#waitingPongs = 0;
  }

  /** @returns a whole message, if the frame is its last */
  receive(flags: number, body: Frame): Frame[] | ZmtpError | undefined {
    this.#peerTtlMs = 0;
    if (!this.#cipher) return this.#receive(flags, body);
    // The real flags are sealed. On the outer frame libzmq sets none, and RFC 25 sets COMMAND.
    if (flags & MORE) return invalidFlags(flags);
    const opened = this.#cipher.open(joined(body));
    if (isZmtpError(opened)) return opened;
    return isValid(opened.flags)
      ? this.#receive(opened.flags, opened.body)
      : invalidFlags(opened.flags);
  }

  /** The error for a frame whose stated size exceeds `limit`. */
  tooLarge(size: number): ZmtpError {
    return this.#tooLarge(size, this.#extra);
  }

  #tooLarge(size: number, extra: number): ZmtpError {
    const { maxFrameBytes, maxMessageBytes } = this.#limits;
    return size > maxFrameBytes + extra
      ? new ZmtpError(
          'too-large',
          `a frame of ${size} bytes: at most ${maxFrameBytes} are accepted`,
        )
      : new ZmtpError('too-large', `a message of more than ${maxMessageBytes} bytes`);
  }

  get #room(): number {
    const { maxFrameBytes, maxMessageBytes } = this.#limits;
    return Math.min(maxFrameBytes, maxMessageBytes - this.#bytes);
  }

  get #extra(): number {
    return this.#cipher ? SEALED_EXTRA_BYTES : 0;
  }

  #receive(flags: number, body: Frame): Frame[] | ZmtpError | undefined {
    // Also between the frames of a message, where libzmq sends PINGs.
    if (flags & COMMAND) return this.#receiveCommand(joined(body));
    if (body.length > this.#room) return this.#tooLarge(body.length, 0);
    const frames = this.#frames;
    if (frames && frames.length >= this.#limits.maxFrames) {
      return new ZmtpError('too-large', `a message of more than ${this.#limits.maxFrames} frames`);
    }
    if (flags & MORE) {
      if (frames) frames.push(body);
      else this.#frames = [body];
      this.#bytes += body.length;
      return undefined;
    }
    if (!frames) return [body];
    frames.push(body);
    this.#frames = undefined;
    this.#bytes = 0;
    return frames;
  }

  /** Unknown commands are ignored, and so are those of PUB and SUB sockets. */
  #receiveCommand(body: Buffer): ZmtpError | undefined {
    this.#listener.onCommand?.();
    const command = decodeCommand(body);
    if (isZmtpError(command)) return command;
    if (command.name !== 'PING') return undefined;
    const ping = decodePing(command.data);
    if (isZmtpError(ping)) return ping;
    this.#peerTtlMs = ping.ttlMs;
    if (this.#waitingPongs === MAX_WAITING_PONGS) return undefined;
    this.#waitingPongs++;
    return this.sendCommand(ping.pong);
  }

  #write(flags: number, body: Buffer | string): ZmtpError | undefined {
    if (!this.#cipher) {
      this.#output.frame(flags, body);
      return undefined;
    }
    const sealed = this.#cipher.seal(flags, typeof body === 'string' ? Buffer.from(body) : body);
    if (isZmtpError(sealed)) return sealed;
    this.#output.frame(0, sealed);
    return undefined;
  }
}
