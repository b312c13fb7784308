import type { Frame } from '../../frame.js';
import type { Mechanism, PeerMetadata, ShownCredentials } from '../../zmtp/mechanism.js';
import type { MessageLimits } from '../../zmtp/session-options.js';
import type { ZmtpError } from '../../zmtp/zmtp-error.js';
import type { HangUpTimes } from './hang-up.js';

/** Besides a frame of the largest size a message has its other frames: headers of 16 KiB, or a PACK's block of 1 MiB. */
const OTHER_FRAMES_BYTES = 2 * 1024 * 1024;

/** A PACK has at most 1024 messages, each with one frame of its own at most. */
const MOST_FRAMES = 2048;

export interface ChannelOptions extends HangUpTimes {
  readonly mechanism: Mechanism;
  /** The largest frame that is taken, in bytes. */
  readonly maxMessageSize: number;
  /** What may wait to be sent, in bytes. One message may, whatever its size. */
  readonly mostQueuedBytes: number;
}

export interface ChannelListener {
  /** Whether this client may connect: `decide` is to be called. Only on a server with security. */
  onAsk(credentials: ShownCredentials): void;
  onReady(peer: PeerMetadata): void;
  onMessage(frames: Frame[]): void;
  /** Not by `close` or `destroy`. Comes once, after the last message; then nothing more. */
  onEnded(end: ChannelEnd): void;
}

/** The code of the end of a peer that answers no more: the system's own, if TCP finds that out. */
export const SILENT = 'ETIMEDOUT';

/** How a connection ended. */
export interface ChannelEnd {
  readonly wasReady: boolean;
  /** What was wrong in what the peer sent, or the ERROR that it sent. */
  readonly failure: ZmtpError | undefined;
  /** The code of an error of the system's, such as ECONNRESET, or `SILENT`. */
  readonly code: string | undefined;
  /** What the peer said first, some bytes of it; empty if nothing. */
  readonly firstWords: Buffer;
}

/** @param maxMessageSize the largest frame, in bytes */
export function limitsOf(maxMessageSize: number): MessageLimits {
  return {
    maxFrameBytes: maxMessageSize,
    maxMessageBytes: maxMessageSize + OTHER_FRAMES_BYTES,
    maxFrames: MOST_FRAMES,
  };
}
