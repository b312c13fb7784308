import type { Body } from '../../protocol/body.js';
import type { Metadata, Pattern } from '../../protocol/headers.js';
import type { ReplyWriter } from './reply-writer.js';

/** What a client asks for, whatever its dialect. */
export interface ServerRequest {
  readonly pattern: Pattern;
  readonly data: unknown;
  readonly metadata: Metadata;
  /** Which try of the call this is, from 1. */
  readonly attempt: number;
}

/**
 * One call at the server, from its REQUEST to its last REPLY. It ends once: what a handler says after
 * that is not heard.
 */
export class ServerCall {
  readonly #writer: ReplyWriter;
  readonly #onEnd: (call: ServerCall) => void;
  #stop = () => {};
  #isEnded = false;
  #isAbandoned = false;

  constructor(
    readonly request: ServerRequest,
    writer: ReplyWriter,
    onEnd: (call: ServerCall) => void,
  ) {
    this.#writer = writer;
    this.#onEnd = onEnd;
  }

  /** How to stop the work once nobody waits for it any more. */
  whenAbandoned(stop: () => void): void {
    if (this.#isAbandoned) stop();
    else this.#stop = stop;
  }

  next(body: Body): void {
    if (!this.#isEnded) this.#writer.next(body);
  }

  last(body: Body): void {
    if (this.#end()) this.#writer.last(body);
  }

  complete(): void {
    if (this.#end()) this.#writer.complete();
  }

  error(error: unknown): void {
    if (this.#end()) this.#writer.error(error);
  }

  /** Ends the call with an error that its handler does not know of, and stops the handler. */
  fail(error: unknown): void {
    this.error(error);
    this.#abandoned();
  }

  /** Nobody waits for the answer any more. */
  abandon(): void {
    if (this.#end()) this.#abandoned();
  }

  #abandoned(): void {
    this.#isAbandoned = true;
    this.#stop();
  }

  #end(): boolean {
    if (this.#isEnded) return false;
    this.#isEnded = true;
    this.#onEnd(this);
    return true;
  }
}
