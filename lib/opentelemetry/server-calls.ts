import {
  type Attributes,
  type Context,
  context,
  propagation,
  ROOT_CONTEXT,
  type Span,
  type SpanContext,
  SpanKind,
  trace,
} from '@opentelemetry/api';
import type { ServerCallMessage } from '../telemetry/messages.js';
import { recordError, statusAttributes, statusOfServerCall } from './call-status.js';
import {
  ATTEMPT_NUMBER,
  CLIENT_ID,
  KIND,
  OTHER,
  RPC_METHOD,
  RPC_METHOD_ORIGINAL,
  RPC_SYSTEM_NAME,
  SERVER_ID,
  SYSTEM,
} from './conventions.js';
import { epochOffset } from './epoch-offset.js';
import { isIgnored } from './instrumentation-config.js';
import { guarded, type Telemetry } from './telemetry.js';

interface OpenCall {
  readonly span: Span;
  /** With the span. */
  readonly context: Context;
  /** Between the clock of the messages and the time of day, in ms. */
  readonly offset: number;
}

/** The spans and measurements of the calls and events that a server's handlers run for. */
export class ServerCalls {
  readonly #telemetry: Telemetry;
  readonly #calls = new Map<ServerCallMessage, OpenCall>();

  constructor(telemetry: Telemetry) {
    this.#telemetry = telemetry;
  }

  get isIdle(): boolean {
    return this.#calls.size === 0;
  }

  /** Starts a span that is active in guards, interceptors, pipes, the handler, and what it returns. */
  around(call: ServerCallMessage, next: () => void): void {
    const { tracer, config } = this.#telemetry;
    if (isIgnored(config, call.pattern)) return next();
    const caller = propagation.extract(ROOT_CONTEXT, call.metadata);
    const offset = epochOffset();
    const span = tracer.startSpan(
      call.hasHandler ? call.pattern : SYSTEM,
      {
        kind: SpanKind.SERVER,
        startTime: call.arrivedAt + offset,
        attributes: attributesOf(call),
        links: linksOf(call, caller),
      },
      caller,
    );
    const inCall = trace.setSpan(caller, span);
    this.#calls.set(call, { span, context: inCall, offset });
    const { serverCallHook } = config;
    if (serverCallHook && span.isRecording()) guarded(() => serverCallHook(span, call));
    context.with(inCall, next);
  }

  ended(call: ServerCallMessage): void {
    const open = this.#calls.get(call);
    if (!open) return;
    this.#calls.delete(call);
    const { span } = open;
    const { arrivedAt, endedAt = arrivedAt, error } = call;
    const status = statusOfServerCall(call);
    if (span.isRecording()) {
      const endTime = endedAt + open.offset;
      span.setAttributes(statusAttributes(status));
      if (status.errorType !== undefined) recordError(span, status, error, endTime);
      span.end(endTime);
    }
    const duration = endedAt - arrivedAt;
    const { context: inCall } = open;
    const ended = { method: methodOf(call), duration, status, context: inCall };
    this.#telemetry.metrics.serverCall(ended);
  }
}

/** In characters, of a pattern that no handler has: the client chooses it. */
const LONGEST_UNKNOWN = 256;

function methodOf({ pattern, hasHandler }: ServerCallMessage): string {
  return hasHandler ? pattern : OTHER;
}

function attributesOf(call: ServerCallMessage): Attributes {
  const { kind, pattern, hasHandler, server, clientId, attempt } = call;
  const attributes: Attributes = {
    [RPC_SYSTEM_NAME]: SYSTEM,
    [RPC_METHOD]: methodOf(call),
    [KIND]: kind,
    [SERVER_ID]: server.id,
    [ATTEMPT_NUMBER]: attempt,
  };
  if (!hasHandler) attributes[RPC_METHOD_ORIGINAL] = pattern.slice(0, LONGEST_UNKNOWN);
  if (clientId !== undefined) attributes[CLIENT_ID] = clientId;
  return attributes;
}

/**
 * An event is a message that is pushed to its handler, one at a time: the conventions for messaging ask for a link to what created
 * it, and allow that to be the parent as well (docs/messaging/messaging-spans.md). A call has its caller for a parent alone.
 */
function linksOf({ kind }: ServerCallMessage, caller: Context): { context: SpanContext }[] {
  if (kind === 'call') return [];
  const creation = trace.getSpanContext(caller);
  return creation ? [{ context: creation }] : [];
}
