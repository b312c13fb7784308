import type { Mechanism, PeerMetadata, ShownCredentials } from '../../zmtp/mechanism.js';
import type { ZmtpError } from '../../zmtp/zmtp-error.js';
import type { HangUpTimes } from './hang-up.js';

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
  onMessage(frames: Buffer[]): void;
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
