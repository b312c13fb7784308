import { SpanKind, SpanStatusCode } from '@opentelemetry/api';
import type { ReadableSpan } from '@opentelemetry/sdk-trace-node';

/** What the sample prints of a span. */
export interface ToldSpan {
  readonly service: string;
  readonly name: string;
  readonly kind: string;
  readonly id: string;
  readonly traceId: string;
  readonly parentId: string | undefined;
  readonly startedAt: number;
  readonly ms: number;
  /** The server of an attempt; the error, if there is one; the span's events. */
  readonly notes: readonly string[];
}

const KINDS = {
  [SpanKind.INTERNAL]: 'internal',
  [SpanKind.SERVER]: 'server',
  [SpanKind.CLIENT]: 'client',
  [SpanKind.PRODUCER]: 'producer',
  [SpanKind.CONSUMER]: 'consumer',
};

export function toldOf(span: ReadableSpan): ToldSpan {
  const { spanId: id, traceId } = span.spanContext();
  const error = span.attributes['error.type'];
  const hasFailed = span.status.code === SpanStatusCode.ERROR;
  return {
    service: process.env['SERVICE'] ?? '',
    name: span.name,
    kind: KINDS[span.kind],
    id,
    traceId,
    parentId: span.parentSpanContext?.spanId,
    startedAt: inMs(span.startTime),
    ms: inMs(span.duration),
    notes: [
      ...(hasFailed ? [`failed: ${String(error ?? span.status.message ?? '')}`] : []),
      ...span.events.map(({ name }) => name),
    ],
  };
}

function inMs([seconds, nanoseconds]: readonly [number, number]): number {
  return seconds * 1000 + nanoseconds / 1_000_000;
}
