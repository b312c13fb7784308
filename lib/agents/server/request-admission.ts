import type { AtMostOncePatterns } from '../../protocol/at-most-once.js';
import type { Pattern, RefusalReason } from '../../protocol/headers.js';
import { isMalformed, type Malformed } from '../../protocol/malformed.js';
import type { Event, NegotiatedRequest } from '../../protocol/messages.js';
import type { Peer } from '../../sockets/socket-port.js';
import type { Clock } from '../clock.js';
import type { ClientSession } from './client-session.js';
import type { JobQueue } from './job-queue.js';
import { readRequest, type ServerRequest } from './read-request.js';
import { refusal } from './reply-writer.js';

export interface RequestAdmissionPolicy {
  /** Patterns whose handlers must not run twice for one call. */
  readonly atMostOnce?: AtMostOncePatterns | undefined;
  /** Asked about other patterns, which a subclass of the server may map to such a handler. May throw. */
  readonly isAtMostOnce?: ((pattern: Pattern) => boolean) | undefined;
}

export interface RequestAdmissionDeps {
  readonly queue: JobQueue;
  readonly clock: Pick<Clock, 'now'>;
  /** A request cannot be read. */
  dropped(malformed: Malformed): void;
}

/** Decides which requests and events of the negotiated dialect become jobs, and tells the clients of the others why not. */
export class RequestAdmission {
  readonly #policy: RequestAdmissionPolicy;
  readonly #deps: RequestAdmissionDeps;
  #isDraining = false;

  constructor(policy: RequestAdmissionPolicy, deps: RequestAdmissionDeps) {
    this.#policy = policy;
    this.#deps = deps;
  }

  /** Refuses everything new from now on. */
  drain(): void {
    this.#isDraining = true;
  }

  /** @returns undefined if the message was refused or cannot be read */
  admit(
    peer: Peer,
    session: ClientSession,
    message: NegotiatedRequest | Event,
  ): ServerRequest | undefined {
    const { headers } = message;
    if (headers.mayHaveRun && this.#isAtMostOnce(headers.pattern))
      return this.#refuse(session, message, 'may-have-run', MAY_HAVE_RUN);
    if (this.#isDraining) return this.#refuse(session, message, 'draining', LEAVING);
    // Before it is decoded: an overloaded server spends nothing on what it refuses.
    const busy = this.#deps.queue.whyBusy(session.budget, true);
    if (busy !== undefined) return this.#refuse(session, message, 'busy', busy);
    const sender = { clientId: session.hello?.id, peer: peer.identity };
    const request = readRequest(message, sender, this.#deps.clock);
    if (isMalformed(request)) {
      this.#deps.dropped(request);
      return undefined;
    }
    if (request.remaining() > 0) return request;
    return this.#refuse(session, message, 'expired', 'Its deadline has passed');
  }

  #refuse(
    session: ClientSession,
    { id, headers }: NegotiatedRequest | Event,
    reason: RefusalReason,
    text: string,
  ): undefined {
    this.#deps.queue.countRefusal(reason, headers.pattern);
    session.send(refusal(id, reason, text));
  }

  #isAtMostOnce(pattern: Pattern): boolean {
    const { atMostOnce, isAtMostOnce } = this.#policy;
    try {
      return (atMostOnce?.has(pattern) ?? false) || (isAtMostOnce?.(pattern) ?? false);
    } catch {
      // The handlers of such a pattern will not be found either.
      return false;
    }
  }
}

/** What a caller is told when a handler that runs at most once does not run. */
export const MAY_HAVE_RUN =
  'Its handler runs at most once for a call, and an earlier attempt may have run. It did not run here.';

export const LEAVING = 'The server is about to leave. Try another one.';
