import type { RefusalReason } from '../../protocol/headers.js';
import type { Ack, Id } from '../../protocol/messages.js';
import type { ClientSession } from './client-session.js';
import { Job, type JobListener } from './job.js';
import { ANSWERED, type JobEnd } from './job-end.js';
import type { ServerRequest } from './read-request.js';
import type { ServerErrorKind } from './server-stats.js';
import { refusal } from './reply-writer.js';

export interface ServerEventListener extends JobListener {
  /** The event has got its place, and was acknowledged: its handlers have to run. */
  accepted(event: ServerEvent): void;
}

/**
 * One event at the server. While it waits for a place its sender can withdraw it. Once it is acknowledged its handlers run,
 * whatever becomes of the sender.
 */
export class ServerEvent extends Job<ServerEventListener> {
  readonly isRefusable = true;
  readonly #sender: ClientSession;
  readonly #ack: Ack;
  /** How it ends once its handlers have. */
  #ending: JobEnd = ANSWERED;

  constructor(
    sender: ClientSession,
    id: Id,
    request: ServerRequest,
    listener: ServerEventListener,
  ) {
    super(sender, id, request, listener);
    this.#sender = sender;
    this.#ack = { type: 'ack', id };
  }

  get outcome(): Ack | undefined {
    return this.hasBegun ? this.#ack : undefined;
  }

  /** A handler, or the user's code around it, has failed. It is not over: that takes `over()`. */
  fail(error: unknown, kind: ServerErrorKind): void {
    if (this.phase === 'running') this.#ending = { type: 'failed', kind, error };
  }

  /** Its handlers have ended. */
  over(): void {
    if (this.phase !== 'running') return;
    this.phase = 'over';
    this.left(this.#ending);
  }

  abandon(): void {
    // Nobody waits for the handlers of an accepted event, so nobody stops them.
    if (this.phase === 'queued') this.abandoned();
  }

  /** An event has no values. */
  grant(): void {}

  protected start(): void {
    this.#sender.send(this.#ack);
    this.listener.accepted(this);
  }

  protected sayRefused(reason: RefusalReason, message: string): void {
    this.#sender.send(refusal(this.id, reason, message));
  }
}
