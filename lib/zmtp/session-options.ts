import type { Mechanism, PeerMetadata, ShownCredentials } from './mechanism.js';
import type { ZmtpError } from './zmtp-error.js';

/** What a peer may send at most. */
export interface MessageLimits {
  readonly maxFrameBytes: number;
  readonly maxMessageBytes: number;
  readonly maxFrames: number;
}

export interface SessionOptions {
  /** A fresh one. */
  readonly mechanism: Mechanism;
  readonly limits: MessageLimits;
}

/** - `failed`: see `onFailed`. - `closed`: by this side. */
export type SessionState = 'greeting' | 'handshake' | 'ready' | 'failed' | 'closed';

export interface SessionListener {
  /** There is output to take, where there was none before. */
  onOutput(): void;
  /** A client shows its credentials: call `decide`. Nothing is read until then. */
  onAsk(credentials: ShownCredentials): void;
  /** The handshake is done: messages may be sent, and will come. */
  onReady(peer: PeerMetadata): void;
  onMessage(frames: Buffer[]): void;
  /** A command was read, such as a PING, and is answered. Each is work, and may be the time for `pause`. */
  onCommand?(): void;
  /** Comes once, and last. What the peer has yet to be told is in the output. */
  onFailed(error: ZmtpError): void;
}
