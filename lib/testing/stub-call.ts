import type { Metadata } from '../protocol/headers.js';

/** A call or an event that a stub has got, answered or not. */
export interface StubCall {
  /** Whether `send` or `emit` has sent it. */
  readonly kind: 'call' | 'event';
  /** Its pattern; an object as its JSON, with sorted members. */
  readonly pattern: string;
  /** What the caller passed, as it arrived. */
  readonly data: unknown;
  /** The caller's metadata; empty if there is none. */
  readonly metadata: Metadata;
  /** The number of this attempt, from 1: a call that is tried again is recorded again. */
  readonly attempt: number;
}
