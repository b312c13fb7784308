import type { JobEnd } from '../../agents/server/job-end.js';
import type { JobObserver } from '../../agents/server/job-measurement.js';
import type { ServerRequest } from '../../agents/server/read-request.js';
import { isTraced, serverCalls } from '../../telemetry/channels.js';
import { aroundServerCall, hasInstruments } from '../../telemetry/instruments.js';
import type { ServerCallMessage } from '../../telemetry/messages.js';
import { TracedOperation } from '../../telemetry/traced-operation.js';

/** Whether anybody watches calls. Asked for each call, so it must cost next to nothing. */
export function areRunsWatched(): boolean {
  return hasInstruments() || isTraced(serverCalls);
}

/** What is known of a call or an event when its handler begins. */
export type RunFacts = Pick<ServerCallMessage, 'kind' | 'pattern' | 'hasHandler' | 'server'>;

/** Tells those who watch calls of one call or event at the server: that its handler begins, and its end. */
export class ObservedRun implements JobObserver {
  readonly #message: ServerCallMessage;
  readonly #operation: TracedOperation<ServerCallMessage>;
  readonly #now: () => number;

  constructor(
    facts: RunFacts,
    { clientId, metadata, attempt, arrivedAt }: ServerRequest,
    now: () => number,
  ) {
    this.#now = now;
    const { kind, pattern, hasHandler, server } = facts;
    // Member by member: a spread costs several times as much, for each call.
    this.#message = {
      kind,
      pattern,
      hasHandler,
      server,
      clientId,
      metadata,
      attempt,
      arrivedAt,
      startedAt: now(),
      endedAt: undefined,
      outcome: undefined,
    };
    this.#operation = new TracedOperation(serverCalls, this.#message);
  }

  /** @param failed gets what hooks throw */
  start(run: () => void, failed: (error: unknown) => void): void {
    this.#operation.start(() => aroundServerCall(this.#message, run, failed));
  }

  over(end: JobEnd): void {
    this.#message.endedAt = this.#now();
    // It is refused before its handler begins, if at all, and nobody watches it then.
    this.#message.outcome = end.type === 'refused' ? 'failed' : end.type;
    if (end.type === 'failed') {
      this.#message.errorKind = end.kind;
      this.#message.error = end.error;
    }
    this.#operation.ended(end.type === 'failed');
  }
}
