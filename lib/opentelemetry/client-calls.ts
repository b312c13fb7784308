import {
  type Attributes,
  type Context,
  context,
  propagation,
  type Span,
  SpanKind,
  SpanStatusCode,
  trace,
} from '@opentelemetry/api';
import type { ClientAttemptMessage, ClientCallMessage } from '../telemetry/messages.js';
import { recordError, statusAttributes, statusOfClientCall } from './call-status.js';
import {
  ATTEMPT_NUMBER,
  ATTEMPT_OUTCOME,
  attemptName,
  BROADCAST,
  CLIENT_NAME,
  ERROR_TYPE,
  KIND,
  PREVIOUS_ADDRESS,
  PREVIOUS_ATTEMPTS,
  PREVIOUS_OUTCOME,
  PREVIOUS_PORT,
  RPC_METHOD,
  RPC_SYSTEM_NAME,
  SERVER_ADDRESS,
  SERVER_ID,
  SERVER_PORT,
  SYSTEM,
  TRANSPARENT_RETRY,
} from './conventions.js';
import { epochOffset } from './epoch-offset.js';
import { isIgnored } from './instrumentation-config.js';
import { serverAddress } from './server-address.js';
import { guarded, type Telemetry } from './telemetry.js';

interface OpenCall {
  readonly span: Span;
  /** With the span. */
  readonly context: Context;
  /** Between the clock of the messages and the time of day, in ms. */
  readonly offset: number;
  /** The address to which its latest attempt was sent. */
  sentTo: string | undefined;
  /** The attempt that was sent last, and the one that ended last, as far as that was told. */
  latest: ClientAttemptMessage | undefined;
  ended: ClientAttemptMessage | undefined;
}

/** How attempts end that did what they were for, or that nobody waits for any more. */
const IS_NO_ERROR = new Set<ClientAttemptMessage['outcome']>(['completed', 'outrun', 'abandoned']);

/** The spans and measurements of a client's calls and events, and of their attempts. */
export class ClientCalls {
  readonly #telemetry: Telemetry;
  readonly #calls = new Map<ClientCallMessage, OpenCall>();
  /** Of sampled calls only. */
  readonly #attempts = new Map<ClientAttemptMessage, Span>();

  constructor(telemetry: Telemetry) {
    this.#telemetry = telemetry;
  }

  get isIdle(): boolean {
    return this.#calls.size === 0 && this.#attempts.size === 0;
  }

  /** Starts a span that is active while the call is made, and sends its context along. */
  around(call: ClientCallMessage, next: () => void): void {
    const { tracer, config } = this.#telemetry;
    const { pattern, startedAt } = call;
    if (isIgnored(config, pattern)) return next();
    const parent = parentOf(call);
    const offset = epochOffset();
    const startTime = startedAt + offset;
    const options = { kind: SpanKind.CLIENT, startTime, attributes: attributesOf(call) };
    const span = tracer.startSpan(pattern, options, parent);
    const inCall = trace.setSpan(parent, span);
    this.#calls.set(call, {
      span,
      context: inCall,
      offset,
      sentTo: undefined,
      latest: undefined,
      ended: undefined,
    });
    propagation.inject(inCall, call.metadata);
    const { clientCallHook } = config;
    if (clientCallHook && span.isRecording()) guarded(() => clientCallHook(span, call));
    context.with(inCall, next);
  }

  /** Starts the span of an attempt, if the call is recorded, and sends its context along instead of the call's. */
  beforeAttempt(attempt: ClientAttemptMessage): void {
    const call = this.#calls.get(attempt.call);
    if (!call) return;
    call.sentTo = attempt.endpoint;
    if (!call.span.isRecording()) return;
    const startTime = attempt.startedAt + call.offset;
    const span = this.#telemetry.tracer.startSpan(
      attemptName(attempt.call.pattern),
      { kind: SpanKind.CLIENT, startTime, attributes: attemptAttributes(attempt) },
      call.context,
    );
    this.#attempts.set(attempt, span);
    propagation.inject(trace.setSpan(call.context, span), attempt.metadata);
  }

  /** Told after `beforeAttempt`, in order with the ends of attempts: how the one before has ended is known by now. */
  attemptSent(attempt: ClientAttemptMessage): void {
    const { reason, startedAt } = attempt;
    const call = this.#calls.get(attempt.call);
    if (!call) return;
    const { latest, ended, span } = call;
    call.latest = attempt;
    if (reason === 'first') return;
    this.#telemetry.metrics.attemptSent(reason, attempt.call.pattern);
    if (!span.isRecording()) return;
    // One that had no answer in time is given up once the next one is sent.
    const from = reason === 'hedge' || latest?.endedAt === undefined ? latest : ended;
    span.addEvent(reason, failoverAttributes(attempt, from), startedAt + call.offset);
  }

  attemptEnded(attempt: ClientAttemptMessage): void {
    const { endpoint, outcome, startedAt, endedAt = startedAt } = attempt;
    const { metrics, config } = this.#telemetry;
    if (!outcome) return;
    // Undefined once a call is cancelled: its attempts end after it.
    const call = this.#calls.get(attempt.call);
    const span = this.#attempts.get(attempt);
    // What is ignored since it has begun is recorded to its end.
    if (!call && !span && isIgnored(config, attempt.call.pattern)) return;
    metrics.attemptEnded(endpoint, outcome);
    if (call) call.ended = attempt;
    if (!span) return;
    this.#attempts.delete(attempt);
    span.setAttribute(ATTEMPT_OUTCOME, outcome);
    if (!IS_NO_ERROR.has(outcome)) {
      span.setAttribute(ERROR_TYPE, outcome);
      span.setStatus({ code: SpanStatusCode.ERROR });
    }
    const offset = call?.offset ?? epochOffset();
    span.end(endedAt + offset);
  }

  ended(call: ClientCallMessage): void {
    const open = this.#calls.get(call);
    if (!open) return;
    this.#calls.delete(call);
    const { span } = open;
    const { pattern, startedAt, endedAt = startedAt, error, isBroadcast } = call;
    const status = statusOfClientCall(call);
    const endpoint = isBroadcast ? undefined : open.sentTo;
    if (span.isRecording()) {
      const endTime = endedAt + open.offset;
      if (endpoint !== undefined) span.setAttributes(serverAddress(endpoint));
      span.setAttributes(statusAttributes(status));
      if (status.errorType !== undefined) recordError(span, status, error, endTime);
      span.end(endTime);
    }
    const duration = endedAt - startedAt;
    const ended = { method: pattern, duration, status, context: open.context };
    this.#telemetry.metrics.clientCall(ended, endpoint);
  }
}

/** The active span; without one, the span of the call on whose behalf this one is made. */
function parentOf({ parentMetadata }: ClientCallMessage): Context {
  const active = context.active();
  if (!parentMetadata || trace.getSpan(active)) return active;
  return propagation.extract(active, parentMetadata);
}

function attributesOf({ pattern, kind, isBroadcast, client }: ClientCallMessage): Attributes {
  const attributes: Attributes = {
    [RPC_SYSTEM_NAME]: SYSTEM,
    [RPC_METHOD]: pattern,
    [KIND]: kind,
  };
  if (isBroadcast) attributes[BROADCAST] = true;
  if (client.name !== '') attributes[CLIENT_NAME] = client.name;
  return attributes;
}

function attemptAttributes(attempt: ClientAttemptMessage): Attributes {
  const { call, endpoint, serverId, number, reason } = attempt;
  return {
    [RPC_SYSTEM_NAME]: SYSTEM,
    [RPC_METHOD]: call.pattern,
    ...serverAddress(endpoint),
    ...(serverId !== undefined && { [SERVER_ID]: serverId }),
    [PREVIOUS_ATTEMPTS]: number - 1,
    [TRANSPARENT_RETRY]: reason === 'move',
  };
}

/** @param from the attempt before, which is still in flight where this one is a hedge */
function failoverAttributes(
  { endpoint, number, reason }: ClientAttemptMessage,
  from: ClientAttemptMessage | undefined,
): Attributes {
  const previous = from && serverAddress(from.endpoint);
  return {
    ...serverAddress(endpoint),
    [ATTEMPT_NUMBER]: number,
    ...(previous && {
      [PREVIOUS_ADDRESS]: previous[SERVER_ADDRESS],
      [PREVIOUS_PORT]: previous[SERVER_PORT],
      [PREVIOUS_OUTCOME]: reason === 'hedge' ? undefined : (from.outcome ?? 'timed-out'),
    }),
  };
}
