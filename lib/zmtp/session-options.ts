import type { Frame } from '../frame.js';
import type { Mechanism, PeerMetadata, ShownCredentials } from './mechanism.js';
import type { ZmtpError } from './zmtp-error.js';

/** Bounds for what a peer may send. */
export interface MessageLimits {
  readonly maxFrameBytes: number;
  readonly maxMessageBytes: number;
  readonly maxFrames: number;
}

export interface SessionOptions {
  /** A new instance for this session. */
  readonly mechanism: Mechanism;
  readonly limits: MessageLimits;
}

/** - `failed`: see `onFailed`. - `closed`: closed by this side. */
export type SessionState = 'greeting' | 'handshake' | 'ready' | 'failed' | 'closed';

export interface SessionListener {
  /** The output was empty and now has something to take. */
  onOutput(): void;
  /** A client has shown its credentials: call `decide`. Nothing is read until then. */
  onAsk(credentials: ShownCredentials): void;
  /** The handshake is done: messages can be sent, and will arrive. */
  onReady(peer: PeerMetadata): void;
  onMessage(frames: Frame[]): void;
  /** A command such as PING was read and answered. Each one is work, so this may be the time to `pause`. */
  onCommand?(): void;
  /** Called once, as the last event. What the peer has yet to be told is in the output. */
  onFailed(error: ZmtpError): void;
}
