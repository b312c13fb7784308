import type { HedgePolicy } from '../../core/hedging.js';
import type { AttemptFailure, RetryPolicy } from '../../core/retry.js';
import type { Body } from '../../protocol/body.js';
import type { Metadata, Pattern } from '../../protocol/headers.js';

/**
 * Why an attempt is sent.
 *
 * - `first`: it is the first of its call.
 * - `move`: those before did not run: they were refused, or did not leave.
 * - `retry`: one before it may have run: it was lost with its server, or had no answer in time.
 * - `hedge`: others are in flight, and may still answer.
 */
export type AttemptReason = 'first' | 'move' | 'retry' | 'hedge';

/** One attempt, as the observer of its call sees it. The same object each time. */
export interface AttemptView {
  readonly endpoint: string;
  /** How the server calls itself; undefined if it has not said. */
  readonly serverId: string | undefined;
  /** Which try this is among those that a server may have run, from 1. */
  readonly number: number;
  readonly reason: AttemptReason;
  /** In ms of the agent's clock. */
  readonly sentAt: number;
}

/** Is told what becomes of the attempts of a call. */
export interface AttemptObserver {
  /**
   * Asked before the attempt is written.
   *
   * @param metadata of the call
   * @returns what this attempt sends along in its place
   */
  metadataOf?(attempt: AttemptView, metadata: Metadata | undefined): Metadata | undefined;
  attemptSent(attempt: AttemptView): void;
  /** @param at in ms of the agent's clock */
  attemptEnded(attempt: AttemptView, outcome: AttemptOutcome, at: number): void;
}

/**
 * How an attempt ends.
 *
 * - `completed`: the server has done all that was asked.
 * - `failed`: it has answered with an error.
 * - `unreadable`: its answer cannot be read; the server is told to stop.
 * - `refused`: it did not run it.
 * - `outrun`: another attempt of the call has answered first; the server is told to stop.
 * - `timed-out`: it had no answer in its time, and nobody waits for it any more; the server is told to stop.
 * - `abandoned`: nobody waits for it any more; the server is told to stop.
 */
export type AttemptEnd =
  'completed' | 'failed' | 'unreadable' | 'refused' | 'outrun' | 'timed-out' | 'abandoned';

/** The same, and the ways in which an attempt fails without its server. */
export type AttemptOutcome = AttemptEnd | AttemptFailure;

/** What a caller asks for. */
export interface CallRequest extends Omit<RetryPolicy, 'elsewhere'> {
  /** An event has no answer: it is complete once a server has accepted it. */
  readonly kind: 'request' | 'event';
  readonly pattern: Pattern;
  readonly body: Body;
  readonly metadata?: Metadata | undefined;
  /** How long one attempt may wait for its first value, in ms. */
  readonly requestTimeout: number;
  /** How long the whole call may take, in ms; Infinity for no deadline. */
  readonly timeout: number;
  /** Whether the caller tells when it has read a value, by `CallHandle.read`; else it has at once. */
  readonly paced?: boolean;
  /** Calls of the same key go to the same server, if they can. */
  readonly routingKey?: string | undefined;
  /** Whether several servers may have it at a time. */
  readonly hedge?: HedgePolicy | undefined;
  /** Undefined if nobody watches it. */
  readonly attemptObserver?: AttemptObserver | undefined;
}

/** What a caller holds of an open call. */
export interface CallHandle {
  /** Ends the caller's interest: its observer hears nothing more. */
  cancel(): void;
  /** One more value was read, so that another one may come. */
  read(): void;
  /** How many servers may have run it so far. */
  readonly handedOver: number;
  /** Whether all that was asked for has come, though its observer may not have heard all of it. */
  readonly hasCompleted: boolean;
}

/** Of a call that was refused at once. */
export const NO_CALL: CallHandle = { cancel() {}, read() {}, handedOver: 0, hasCompleted: false };

/** Gets what comes of a call: any number of values, then exactly one end. */
export interface CallObserver {
  next(value: unknown): void;
  complete(): void;
  /**
   * @param judge if `judges`: to be told what the caller gets in the place of a server's error, once that is known
   */
  error(error: unknown, judge?: Judge): void;
  /** Whether it makes other errors of those that it gets. */
  readonly judges?: boolean;
}

/** Decides whether a server is to blame for an error. */
export type Judge = (error: unknown) => void;

/** Who has a call open, and acts for it. */
export interface CallListener<Call> {
  /** The moment has come that was scheduled for the call. */
  due(call: Call, now: number): void;
  /** Its caller is no longer interested. */
  cancelled(call: Call): void;
  /** Its caller has read a value. */
  read(call: Call): void;
  /** Whether a server has said that handlers of that pattern must not run twice for one call. */
  isAtMostOnce(pattern: Pattern): boolean;
}
