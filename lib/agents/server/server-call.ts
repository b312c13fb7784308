import { CreditGate } from '../../core/credit-gate.js';
import type { Body } from '../../protocol/body.js';
import type { RefusalReason } from '../../protocol/headers.js';
import type { Id } from '../../protocol/messages.js';
import { exceeds } from '../../protocol/size.js';
import { Job, type JobKeeper, type JobOwner } from './job.js';
import type { ServerRequest } from './read-request.js';
import type { Outcome } from './replays.js';
import { type ReplyWriter, tooLarge } from './reply-writer.js';

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
export class ServerCall extends Job {
  readonly #writer: ReplyWriter;
  readonly #gate: CreditGate<Body>;
  #ending: Ending = { type: 'complete' };
  #stop = () => {};
  #isHandled = false;
  #whenOpen: (() => void) | undefined;
  #abort: AbortController | undefined;

  constructor(
    owner: JobOwner,
    id: Id,
    request: ServerRequest,
    keeper: JobKeeper,
    writer: ReplyWriter,
    credit: number,
  ) {
    super(owner, id, request, keeper);
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

  /** A handler of the user's runs: who abandons the call does not end that at once, perhaps never. */
  handlerBegan(): void {
    this.#isHandled = true;
  }

  handlerEnded(): void {
    if (!this.#isHandled) return;
    const { lingers } = this;
    this.#isHandled = false;
    if (lingers) this.keeper.handlerEnded(this);
  }

  /** How to stop the work once nobody waits for it any more. */
  whenAbandoned(stop: () => void): void {
    if (this.phase === 'over') stop();
    else this.#stop = stop;
  }

  /** Aborted once nobody waits for this call any more. Made for those who ask. */
  get signal(): AbortSignal {
    if (!this.#abort) {
      this.#abort = new AbortController();
      if (this.wasAbandoned) this.#abort.abort();
    }
    return this.#abort.signal;
  }

  /** Whether a further value may still reach the caller. */
  get isWanted(): boolean {
    return this.phase === 'running';
  }

  /** Whether a value would go out at once. */
  get isOpen(): boolean {
    return this.phase === 'running' && this.#gate.isOpen;
  }

  /** Resolves when a value would go out at once, or when no more values are wanted. */
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
      this.left();
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
    if (this.phase === 'over') return;
    this.phase = 'over';
    this.#writer.error(error);
    this.left();
    this.#stop();
  }

  /** Whoever is to run its handler finds that it must not run: nothing was executed, and its caller is told why. */
  decline(reason: RefusalReason, message: string): void {
    if (this.phase !== 'running') return;
    this.phase = 'over';
    this.keeper.declined(reason);
    this.#writer.refuse(reason, message);
    this.left();
  }

  /** The caller will take so many more values. */
  grant(credit: number): void {
    if (this.phase === 'over') return;
    for (const body of this.#gate.grant(credit)) this.#writer.next(body);
    if (!this.#gate.isEmpty) return;
    if (this.phase === 'ending') this.#finish(this.#ending);
    else this.#opened();
  }

  /** Nobody waits for the answer any more. */
  abandon(): void {
    if (this.phase === 'over') return;
    this.abandoned();
    this.#abort?.abort();
    this.#stop();
  }

  protected start(): void {
    this.keeper.called(this);
  }

  protected sayRefused(reason: RefusalReason, message: string): void {
    this.#writer.refuse(reason, message);
  }

  protected override left(): void {
    super.left();
    this.#opened();
  }

  /** A frame that is larger than the client takes would cost it the connection. */
  #failedAsTooLarge(body: Body): boolean {
    const { maxBytes } = this.#writer;
    if (!exceeds(body.content, maxBytes)) return false;
    this.fail(tooLarge('value', body, maxBytes));
    return true;
  }

  #end(ending: Ending): void {
    if (this.phase !== 'running') return;
    if (this.#gate.isEmpty) {
      this.#finish(ending);
    } else {
      this.phase = 'ending';
      this.#ending = ending;
    }
  }

  #finish(ending: Ending): void {
    this.phase = 'over';
    if (ending.type === 'complete') this.#writer.complete();
    else this.#writer.error(ending.error);
    this.left();
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
