import { sharedValue } from '../../shared-value.js';

/**
 * One side of an `inproc://` connection, as the other side sees it. Neither method ever calls back: what comes of it is delivered
 * in a later turn of the event loop.
 */
export interface InprocEnd {
  /**
   * Accepts a message. Its buffers are not copied again.
   *
   * @returns false if it was not accepted: too much waits already, or this side has ended
   */
  take(frames: readonly Buffer[]): boolean;
  /** The other side has ended. What it sent before is delivered first. */
  end(): void;
}

/** A name that a server has bound. */
export interface InprocName {
  /** Connects a client. Never calls back. @returns the server's side; undefined if the server no longer listens */
  connect(client: InprocEnd): InprocEnd | undefined;
}

/**
 * The names that are bound in this thread. All copies of this library, and all its versions, share this map, so that they reach
 * each other. So these three interfaces must never change: a version that needs more adds optional members.
 */
export function boundNames(): Map<string, InprocName> {
  return sharedValue('inproc', () => new Map<string, InprocName>());
}
