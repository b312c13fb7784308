import { MORE } from './frame-flags.js';
import type { MessageLimits } from './session-options.js';
import { ZmtpError } from './zmtp-error.js';

/** Frames in, messages out. */
export class MessageAssembler {
  readonly #limits: MessageLimits;
  #frames: Buffer[] = [];
  #bytes = 0;

  constructor(limits: MessageLimits) {
    this.#limits = limits;
  }

  get maxFrameBytes(): number {
    return this.#limits.maxFrameBytes;
  }

  /** How large the next frame may be. */
  get limit(): number {
    const { maxFrameBytes, maxMessageBytes } = this.#limits;
    return Math.min(maxFrameBytes, maxMessageBytes - this.#bytes);
  }

  /** @returns a whole message, if the frame is its last */
  push(flags: number, body: Buffer): Buffer[] | ZmtpError | undefined {
    if (body.length > this.limit) return this.tooLarge(body.length);
    const { maxFrames } = this.#limits;
    if (this.#frames.length === maxFrames) {
      return new ZmtpError('too-large', `a message of more than ${maxFrames} frames`);
    }
    this.#frames.push(body);
    if (flags & MORE) {
      this.#bytes += body.length;
      return undefined;
    }
    const message = this.#frames;
    this.#frames = [];
    this.#bytes = 0;
    return message;
  }

  tooLarge(size: number): ZmtpError {
    const { maxFrameBytes, maxMessageBytes } = this.#limits;
    return size > maxFrameBytes
      ? new ZmtpError('too-large', `a frame of ${size} bytes: at most ${maxFrameBytes} are taken`)
      : new ZmtpError('too-large', `a message of more than ${maxMessageBytes} bytes`);
  }

  clear(): void {
    this.#frames = [];
    this.#bytes = 0;
  }
}
