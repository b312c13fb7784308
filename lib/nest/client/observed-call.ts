import type {
  AttemptObserver,
  AttemptOutcome,
  AttemptView,
} from '../../agents/client/call-contract.js';
import type { Metadata } from '../../protocol/headers.js';
import { clientAttempts, clientCalls, isTraced } from '../../telemetry/channels.js';
import {
  aroundClientCall,
  beforeClientAttempt,
  hasInstruments,
} from '../../telemetry/instruments.js';
import type { ClientAttemptMessage, ClientCallMessage } from '../../telemetry/messages.js';
import { TracedOperation } from '../../telemetry/traced-operation.js';

/** What is known of a call when it starts. */
export type CallFacts = Pick<
  ClientCallMessage,
  'kind' | 'pattern' | 'isBroadcast' | 'client' | 'parentMetadata'
>;

/** Whether anybody watches calls. Asked for each call, so it must cost next to nothing. */
export function areCallsWatched(): boolean {
  return hasInstruments() || isTraced(clientCalls) || isTraced(clientAttempts);
}

/** An attempt that was sent, and has not ended. */
interface ObservedAttempt {
  readonly attempt: AttemptView;
  readonly message: ClientAttemptMessage;
  readonly operation: TracedOperation<ClientAttemptMessage>;
}

/** Tells those who watch calls of one call or event: its start, its attempts, and its end. */
export class ObservedCall implements AttemptObserver {
  readonly #message: ClientCallMessage;
  readonly #operation: TracedOperation<ClientCallMessage>;
  /** Those that have not ended: hardly ever more than one. */
  readonly #attempts: ObservedAttempt[] = [];
  readonly #hookFailed: (error: unknown) => void;
  readonly #now: () => number;

  /** @param hookFailed gets what hooks throw */
  constructor(facts: CallFacts, hookFailed: (error: unknown) => void, now: () => number) {
    this.#hookFailed = hookFailed;
    this.#now = now;
    const { kind, pattern, isBroadcast, client, parentMetadata } = facts;
    // Member by member: a spread costs several times as much, for each call.
    this.#message = {
      kind,
      pattern,
      isBroadcast,
      client,
      parentMetadata,
      metadata: {},
      startedAt: now(),
      endedAt: undefined,
      outcome: undefined,
    };
    this.#operation = new TracedOperation(clientCalls, this.#message);
  }

  /** What hooks and subscribers want to be sent along. */
  get metadata(): Readonly<Record<string, string>> {
    return this.#message.metadata;
  }

  start(run: () => void): void {
    this.#operation.start(() => aroundClientCall(this.#message, run, this.#hookFailed));
  }

  ended(outcome: NonNullable<ClientCallMessage['outcome']>, error?: unknown): void {
    const hasFailed = outcome === 'failed';
    this.#message.endedAt = this.#now();
    this.#message.outcome = outcome;
    if (hasFailed) this.#message.error = error;
    this.#operation.ended(hasFailed);
  }

  metadataOf(attempt: AttemptView, ofCall: Metadata | undefined): Metadata | undefined {
    if (!hasInstruments()) return ofCall;
    const { message } = this.#observed(attempt);
    beforeClientAttempt(message, this.#hookFailed);
    return withReplaced(ofCall, this.#message.metadata, message.metadata);
  }

  attemptSent(attempt: AttemptView): void {
    this.#observed(attempt).operation.start(() => {});
  }

  #observed(attempt: AttemptView): ObservedAttempt {
    const known = this.#attempts.find((each) => each.attempt === attempt);
    if (known) return known;
    const { endpoint, serverId, number, reason, sentAt: startedAt } = attempt;
    const message: ClientAttemptMessage = {
      call: this.#message,
      endpoint,
      serverId,
      number,
      reason,
      metadata: {},
      startedAt,
      endedAt: undefined,
      outcome: undefined,
    };
    const operation = new TracedOperation(clientAttempts, message);
    const observed = { attempt, message, operation };
    this.#attempts.push(observed);
    return observed;
  }

  attemptEnded(attempt: AttemptView, outcome: AttemptOutcome, endedAt: number): void {
    const at = this.#attempts.findIndex((each) => each.attempt === attempt);
    const [observed] = at < 0 ? [] : this.#attempts.splice(at, 1);
    if (!observed) return;
    observed.message.endedAt = endedAt;
    observed.message.outcome = outcome;
    observed.operation.ended(FAILURES.has(outcome));
  }
}

/**
 * The metadata of a call with what hooks have replaced for one attempt. What they have not set for the call themselves stays:
 * `setMetadata` overrides it. Nothing is added or becomes longer: the call was checked for its length.
 */
function withReplaced(
  ofCall: Metadata | undefined,
  added: Metadata,
  replaced: Metadata,
): Metadata | undefined {
  if (!ofCall) return ofCall;
  const entries = Object.entries(replaced).filter(([key, text]) => {
    const before = Object.hasOwn(added, key) ? added[key] : undefined;
    const isOfHook = before !== undefined && ofCall[key] === before;
    return isOfHook && typeof text === 'string' && bytesOf(text) <= bytesOf(before);
  });
  return entries.length > 0 ? { ...ofCall, ...Object.fromEntries(entries) } : ofCall;
}

/** In the headers, where it is JSON in UTF-8. */
function bytesOf(text: string): number {
  return Buffer.byteLength(JSON.stringify(text));
}

const FAILURES: ReadonlySet<AttemptOutcome> = new Set<AttemptOutcome>([
  'failed',
  'unreadable',
  'refused',
  'undelivered',
  'lost',
  'timed-out',
]);
