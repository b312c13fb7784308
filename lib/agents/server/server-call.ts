import { CreditGate } from '../../core/credit-gate.js';
import type { Body } from '../../protocol/body.js';
import type { RefusalReason } from '../../protocol/headers.js';
import type { Id } from '../../protocol/messages.js';
import { exceeds } from '../../protocol/size.js';
import { Job, type JobListener, type Client } from './job.js';
import { ANSWERED, type JobEnd, REFUSED } from './job-end.js';
import type { ServerRequest } from './read-request.js';
import type { Outcome } from './reply-target.js';
import type { ServerErrorKind } from './server-stats.js';
import { type ReplyWriter, tooLarge } from './reply-writer.js';

export interface ServerCallListener extends JobListener {
  /** The call has got its place: its handler has to run. */
  called(call: ServerCall): void;
  /** The handler, which has not begun, must not run. */
  declined(reason: RefusalReason, call: ServerCall): void;
  /** Nobody waits for what the handler sends: `stopHandler` has to be called once the change is over. */
  stopped(call: ServerCall): void;
  /** The handler of an abandoned call has ended. */
  handlerEnded(call: ServerCall): void;
}

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
 * What the handler sends after that is ignored.
 */
export class ServerCall extends Job<ServerCallListener> {
  readonly #writer: ReplyWriter;
  readonly #gate: CreditGate<Body>;
  /** How it ends once no value waits for credit. */
  #ending: JobEnd = ANSWERED;
  #stop = () => {};
  #isHandled = false;
  #whenOpen: (() => void) | undefined;
  #abort: AbortController | undefined;

  constructor(
    client: Client,
    id: Id,
    request: ServerRequest,
    listener: ServerCallListener,
    writer: ReplyWriter,
    credit: number,
  ) {
    super(client, id, request, listener);
    this.#gate = new CreditGate(credit);
    this.#writer = writer;
  }

  get isRefusable(): boolean {
    return this.#writer.canRefuse;
  }

  get outcome(): Outcome | undefined {
    return this.#writer.outcome;
  }

  override get lingers(): boolean {
    return this.#isHandled && this.phase === 'over';
  }

  /** The user's handler runs. Abandoning the call does not end it at once, perhaps never. */
  handlerBegan(): void {
    this.#isHandled = true;
  }

  handlerEnded(): void {
    if (!this.#isHandled) return;
    const { lingers } = this;
    this.#isHandled = false;
    if (lingers) this.listener.handlerEnded(this);
  }

  /** @param stop stops the work once the caller no longer waits; called at once if that is so already */
  whenAbandoned(stop: () => void): void {
    if (this.phase === 'over') stop();
    else this.#stop = stop;
  }

  /** Aborted once the caller no longer waits. Made on demand. */
  get signal(): AbortSignal {
    if (!this.#abort) {
      this.#abort = new AbortController();
      if (this.wasAbandoned) this.#abort.abort();
    }
    return this.#abort.signal;
  }

  /** Whether a further value may reach the caller. */
  get isWanted(): boolean {
    return this.phase === 'running';
  }

  /** Whether there is credit: a value would go out at once. */
  get isOpen(): boolean {
    return this.phase === 'running' && this.#gate.isOpen;
  }

  /** Resolves when there is credit, or when no more values are wanted. */
  untilOpen(): Promise<void> {
    if (this.phase !== 'running' || this.#gate.isOpen) return Promise.resolve();
    return new Promise((resolve) => (this.#whenOpen = resolve));
  }

  next(body: Body): void {
    if (this.phase !== 'running' || this.#failedAsTooLarge(body)) return;
    if (this.#gate.pass(body)) this.#writer.next(body);
    else if (this.#gate.isOverfull) this.fail(OUTRAN_ITS_READER);
  }

  last(body: Body): void {
    if (this.isOpen) {
      if (this.#failedAsTooLarge(body)) return;
      this.phase = 'over';
      this.#writer.last(body);
      this.left(ANSWERED);
    } else {
      this.next(body);
      this.complete();
    }
  }

  complete(): void {
    this.#end(ANSWERED);
  }

  error(error: unknown, kind: ServerErrorKind = 'HANDLER'): void {
    this.#end({ type: 'failed', kind, error });
  }

  /** Ends the call with an error that is not the handler's, and stops the handler. */
  fail(error: unknown): void {
    if (this.phase === 'over') return;
    this.#finish({ type: 'failed', kind: 'INTERNAL', error });
    this.listener.stopped(this);
  }

  /** The handler must not run after all: nothing was executed, and the caller is told why. */
  decline(reason: RefusalReason, message: string): void {
    if (this.phase !== 'running') return;
    this.phase = 'over';
    this.#writer.refuse(reason, message);
    this.left(REFUSED);
    this.listener.declined(reason, this);
  }

  /** The caller accepts this many more values. */
  grant(credit: number): void {
    if (this.phase === 'over') return;
    for (const body of this.#gate.grant(credit)) this.#writer.next(body);
    if (!this.#gate.isEmpty) return;
    if (this.phase === 'ending') this.#finish(this.#ending);
    else this.#opened();
  }

  /** The caller no longer waits. */
  abandon(): void {
    if (this.phase === 'over') return;
    this.abandoned();
    this.listener.stopped(this);
  }

  /** Stops the work and, if the caller no longer waits, aborts the signal: both run the user's code. */
  stopHandler(): void {
    if (this.wasAbandoned) this.#abort?.abort();
    this.#stop();
  }

  protected start(): void {
    this.listener.called(this);
  }

  protected sayRefused(reason: RefusalReason, message: string): void {
    this.#writer.refuse(reason, message);
  }

  protected override left(end: JobEnd): void {
    super.left(end);
    this.#opened();
  }

  /** A client ends its connection when a frame is larger than it accepts. */
  #failedAsTooLarge(body: Body): boolean {
    const { maxBytes } = this.#writer;
    if (!exceeds(body.content, maxBytes)) return false;
    this.fail(tooLarge('value', body, maxBytes));
    return true;
  }

  #end(end: JobEnd): void {
    if (this.phase !== 'running') return;
    if (this.#gate.isEmpty) {
      this.#finish(end);
    } else {
      this.phase = 'ending';
      this.#ending = end;
    }
  }

  #finish(end: JobEnd): void {
    this.phase = 'over';
    if (end.type === 'failed') this.#writer.error(end.error);
    else this.#writer.complete();
    this.left(end);
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
