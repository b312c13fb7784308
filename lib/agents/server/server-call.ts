import { CreditGate } from '../../core/credit-gate.js';
import { NOT_QUEUED } from '../../core/deadline-queue.js';
import type { Body } from '../../protocol/body.js';
import type { Metadata, Pattern, RefusalReason } from '../../protocol/headers.js';
import type { Job, JobKeeper } from './job.js';
import type { ReplyWriter } from './reply-writer.js';

/** What a client asks for, whatever its dialect. */
export interface ServerRequest {
  readonly pattern: Pattern;
  readonly data: unknown;
  readonly metadata: Metadata;
  /** Which try of the call this is, from 1. */
  readonly attempt: number;
  /** Who calls; undefined for clients of the older dialects, which have no names. */
  readonly clientId: string | undefined;
  /** When its caller gives up, in ms of the agent's clock; Infinity if never. */
  readonly deadlineAt: number;
  /** Milliseconds until then. */
  remaining(): number;
}

export interface CallKeeper extends JobKeeper {
  /** The call has got its place: its handler is to run. */
  begin(call: ServerCall): void;
}

/** How the handler of a call has ended, while values still wait for credit. */
type Ending = { type: 'complete' } | { type: 'error'; error: unknown };

/**
 * One call at the server, from its REQUEST to its last REPLY.
 *
 * ```
 *          place            handler ends, values wait for credit      credit
 *  queued ───────▶ running ───────────────────────────────▶ ending ────────▶ over
 *     │               └────────────────────────────────────────────────────▶
 *     │                  handler ends, nothing waits; abandoned; failed
 *     └────────────────────────────────────────────────────────────────────▶
 *         refused; abandoned
 * ```
 *
 * What a handler says after its end is not heard.
 */
export class ServerCall implements Job {
  dueAt = Infinity;
  place = NOT_QUEUED;

  readonly #writer: ReplyWriter;
  readonly #keeper: CallKeeper;
  readonly #onOver: (call: ServerCall) => void;
  readonly #gate: CreditGate<Body>;
  #phase: 'queued' | 'running' | 'ending' | 'over' = 'queued';
  #hasBegun = false;
  #ending: Ending = { type: 'complete' };
  #stop = () => {};
  #isAbandoned = false;
  #whenOpen: (() => void) | undefined;
  #abort: AbortController | undefined;

  constructor(
    readonly request: ServerRequest,
    credit: number,
    writer: ReplyWriter,
    keeper: CallKeeper,
    onOver: (call: ServerCall) => void,
  ) {
    this.#gate = new CreditGate(credit);
    this.#writer = writer;
    this.#keeper = keeper;
    this.#onOver = onOver;
  }

  get deadlineAt(): number {
    return this.request.deadlineAt;
  }

  get isRefusable(): boolean {
    return this.#writer.canRefuse;
  }

  get hasBegun(): boolean {
    return this.#hasBegun;
  }

  begin(): void {
    this.#phase = 'running';
    this.#hasBegun = true;
    this.#keeper.begin(this);
  }

  refuse(reason: RefusalReason, message: string): void {
    if (this.#phase !== 'queued') return;
    this.#phase = 'over';
    this.#writer.refuse(reason, message);
    this.#left();
  }

  /** How to stop the work once nobody waits for it any more. */
  whenAbandoned(stop: () => void): void {
    if (this.#phase === 'over') stop();
    else this.#stop = stop;
  }

  /** Aborted once nobody waits for this call any more. Made for those who ask. */
  get signal(): AbortSignal {
    if (!this.#abort) {
      this.#abort = new AbortController();
      if (this.#isAbandoned) this.#abort.abort();
    }
    return this.#abort.signal;
  }

  get wasAbandoned(): boolean {
    return this.#isAbandoned;
  }

  /** Whether a further value may still reach the caller. */
  get isWanted(): boolean {
    return this.#phase === 'running';
  }

  /** Whether a value would go out at once. */
  get isOpen(): boolean {
    return this.#phase === 'running' && this.#gate.isOpen;
  }

  /** Resolves when a value would go out at once, or when no more values are wanted. */
  untilOpen(): Promise<void> {
    if (this.#phase !== 'running' || this.#gate.isOpen) return Promise.resolve();
    return new Promise((resolve) => (this.#whenOpen = resolve));
  }

  next(body: Body): void {
    if (this.#phase !== 'running') return;
    if (this.#gate.pass(body)) this.#writer.next(body);
    else if (this.#gate.isOverfull) this.fail(OUTRAN_ITS_READER);
  }

  last(body: Body): void {
    if (this.isOpen) {
      this.#phase = 'over';
      this.#writer.last(body);
      this.#left();
    } else {
      this.next(body);
      this.complete();
    }
  }

  complete(): void {
    this.#end({ type: 'complete' });
  }

  error(error: unknown): void {
    this.#end({ type: 'error', error });
  }

  /** Ends the call with an error that its handler does not know of, and stops the handler. */
  fail(error: unknown): void {
    if (this.#phase === 'over') return;
    this.#phase = 'over';
    this.#writer.error(error);
    this.#left();
    this.#stop();
  }

  /** The caller will take so many more values. */
  grant(credit: number): void {
    if (this.#phase === 'over') return;
    for (const body of this.#gate.grant(credit)) this.#writer.next(body);
    if (!this.#gate.isEmpty) return;
    if (this.#phase === 'ending') this.#finish(this.#ending);
    else this.#opened();
  }

  /** Nobody waits for the answer any more. */
  abandon(): void {
    if (this.#phase === 'over') return;
    this.#isAbandoned = true;
    this.#phase = 'over';
    this.#left();
    this.#abort?.abort();
    this.#stop();
  }

  run(now: number): void {
    this.#keeper.due(this, now);
  }

  #end(ending: Ending): void {
    if (this.#phase !== 'running') return;
    if (this.#gate.isEmpty) {
      this.#finish(ending);
    } else {
      this.#phase = 'ending';
      this.#ending = ending;
    }
  }

  #finish(ending: Ending): void {
    this.#phase = 'over';
    if (ending.type === 'complete') this.#writer.complete();
    else this.#writer.error(ending.error);
    this.#left();
  }

  /** Told once its last word is said: whoever hears it may close the server. */
  #left(): void {
    this.#onOver(this);
    this.#opened();
  }

  #opened(): void {
    this.#whenOpen?.();
    this.#whenOpen = undefined;
  }
}

const OUTRAN_ITS_READER = {
  status: 'error',
  message:
    'The stream outran its reader: too many values wait to be read. ' +
    'Return an async iterable, which is asked for values as they are read.',
};
