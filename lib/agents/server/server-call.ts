import { CreditGate } from '../../core/credit-gate.js';
import { NOT_QUEUED } from '../../core/deadline-queue.js';
import type { Body } from '../../protocol/body.js';
import type { Metadata, Pattern } from '../../protocol/headers.js';
import type { Task } from '../agenda.js';
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
  /** Milliseconds until its caller gives up; Infinity if never. */
  remaining(): number;
}

/** How the handler of a call has ended, while values still wait for credit. */
type Ending = { type: 'complete' } | { type: 'error'; error: unknown };

/**
 * One call at the server, from its REQUEST to its last REPLY.
 *
 * ```
 *            handler ends, values wait for credit          credit
 *  running ───────────────────────────────────▶ ending ─────────▶ over
 *     └──────────────────────────────────────────────────────────▶
 *         handler ends, nothing waits; abandoned; failed
 * ```
 *
 * What a handler says after its end is not heard.
 */
export class ServerCall implements Task {
  dueAt = Infinity;
  place = NOT_QUEUED;

  readonly #writer: ReplyWriter;
  readonly #onOver: (call: ServerCall) => void;
  readonly #gate: CreditGate<Body>;
  #phase: 'running' | 'ending' | 'over' = 'running';
  #ending: Ending = { type: 'complete' };
  #stop = () => {};
  #isAbandoned = false;
  #whenOpen: (() => void) | undefined;
  #abort: AbortController | undefined;

  constructor(
    readonly request: ServerRequest,
    credit: number,
    writer: ReplyWriter,
    onOver: (call: ServerCall) => void,
  ) {
    this.#gate = new CreditGate(credit);
    this.#writer = writer;
    this.#onOver = onOver;
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
      this.#over();
      this.#writer.last(body);
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
    this.#over();
    this.#writer.error(error);
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
    this.#over();
    this.#abort?.abort();
    this.#stop();
  }

  /** Its deadline has passed. */
  run(): void {
    this.abandon();
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
    this.#over();
    if (ending.type === 'complete') this.#writer.complete();
    else this.#writer.error(ending.error);
  }

  #over(): void {
    this.#phase = 'over';
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
