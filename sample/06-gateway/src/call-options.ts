import { createParamDecorator, type ExecutionContext } from '@nestjs/common';
import type { FreelanceCallOptions } from 'nestjs-freelance';
import type { IncomingHttpHeaders, IncomingMessage, ServerResponse } from 'node:http';

/** What Envoy tells a service: in how many ms it has to answer. Any name will do, as long as callers know it. */
const DEADLINE = 'x-envoy-expected-rq-timeout-ms';

/** A client may ask for less time than this, in ms, but not for more. */
const LONGEST_MS = 10_000;

/** https://www.w3.org/TR/trace-context/#traceparent-header */
const TRACEPARENT = /^[\da-f]{2}-[\da-f]{32}-[\da-f]{16}-[\da-f]{2}$/;

/** Longer ones need not be passed on: https://www.w3.org/TR/trace-context/#tracestate-limits */
const LONGEST_TRACESTATE = 512;

/** What a call takes over from the HTTP request that it is made for. With Fastify, pass on `request.raw` and `reply.raw`. */
export const CallOptions = createParamDecorator((_: unknown, context: ExecutionContext) => {
  const http = context.switchToHttp();
  return callOptionsOf(http.getRequest<IncomingMessage>(), http.getResponse<ServerResponse>());
});

function callOptionsOf(request: IncomingMessage, response: ServerResponse): FreelanceCallOptions {
  return {
    timeout: timeoutOf(request.headers),
    metadata: traceOf(request.headers),
    signal: signalOf(response),
  };
}

function timeoutOf({ [DEADLINE]: asked }: IncomingHttpHeaders): number {
  const ms = Number(asked);
  return ms >= 1 ? Math.min(ms, LONGEST_MS) : LONGEST_MS;
}

/** With OpenTelemetry leave it out: the instrumentation sends the context of its own span. */
function traceOf({ traceparent, tracestate }: IncomingHttpHeaders): Record<string, string> {
  if (typeof traceparent !== 'string' || !TRACEPARENT.test(traceparent)) return {};
  const isKept = typeof tracestate === 'string' && tracestate.length <= LONGEST_TRACESTATE;
  return isKept ? { traceparent, tracestate } : { traceparent };
}

/** Aborts once the client is gone. It also aborts after the answer, when the call is over anyway. */
function signalOf(response: ServerResponse): AbortSignal {
  const gone = new AbortController();
  if (response.destroyed) gone.abort();
  response.once('close', () => gone.abort());
  return gone.signal;
}
