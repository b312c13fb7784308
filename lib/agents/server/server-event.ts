import type { RefusalReason } from '../../protocol/headers.js';
import type { Ack, Id } from '../../protocol/messages.js';
import type { ClientSession } from './client-session.js';
import { Job, type JobKeeper } from './job.js';
import type { ServerRequest } from './read-request.js';
import { refusal } from './reply-writer.js';

/**
 * One event at the server. While it waits for a place its sender can take it elsewhere; from its ACK on it is
 * this server's, and runs whatever becomes of its sender.
 */
export class ServerEvent extends Job {
  readonly isRefusable = true;
  readonly #sender: ClientSession;
  readonly #ack: Ack;

  constructor(sender: ClientSession, id: Id, request: ServerRequest, keeper: JobKeeper) {
    super(sender, id, request, keeper);
    this.#sender = sender;
    this.#ack = { type: 'ack', id };
  }

  get outcome(): Ack | undefined {
    return this.hasBegun ? this.#ack : undefined;
  }

  /** Its handlers have ended. */
  over(): void {
    if (this.phase !== 'running') return;
    this.phase = 'over';
    this.left();
  }

  abandon(): void {
    // Once its handlers run nobody waits for them, and nobody stops them.
    if (this.phase === 'queued') this.abandoned();
  }

  /** An event has no values. */
  grant(): void {}

  protected start(): void {
    this.#sender.send(this.#ack);
    this.keeper.accepted(this);
  }

  protected sayRefused(reason: RefusalReason, message: string): void {
    this.#sender.send(refusal(this.id, reason, message));
  }
}
