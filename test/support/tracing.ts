import {
  context,
  metrics,
  propagation,
  trace,
  type Attributes,
  type TextMapPropagator,
} from '@opentelemetry/api';
import {
  AggregationTemporality,
  type DataPoint,
  type Histogram,
  InMemoryMetricExporter,
  MeterProvider,
  PeriodicExportingMetricReader,
} from '@opentelemetry/sdk-metrics';
import {
  InMemorySpanExporter,
  NodeTracerProvider,
  type ReadableSpan,
  type Sampler,
  SimpleSpanProcessor,
} from '@opentelemetry/sdk-trace-node';
import { FreelanceInstrumentation } from '../../lib/opentelemetry/index.js';
import type { FreelanceInstrumentationConfig } from '../../lib/opentelemetry/instrumentation-config.js';

interface TracingOptions extends FreelanceInstrumentationConfig {
  sampler?: Sampler;
  propagator?: TextMapPropagator;
}

/** OpenTelemetry's real SDK in this process, which keeps what it records, until the end of the block. */
export class Tracing implements AsyncDisposable {
  readonly #exporter = new InMemorySpanExporter();
  readonly #metricExporter = new InMemoryMetricExporter(AggregationTemporality.CUMULATIVE);
  readonly #reader = new PeriodicExportingMetricReader({
    exporter: this.#metricExporter,
    exportIntervalMillis: 2 ** 31 - 1,
  });
  readonly #tracers: NodeTracerProvider;
  readonly #meters = new MeterProvider({ readers: [this.#reader] });
  readonly instrumentation: FreelanceInstrumentation;

  constructor({ sampler, propagator, ...config }: TracingOptions = {}) {
    this.#tracers = new NodeTracerProvider({
      ...(sampler && { sampler }),
      spanProcessors: [new SimpleSpanProcessor(this.#exporter)],
    });
    this.#tracers.register(propagator && { propagator });
    metrics.setGlobalMeterProvider(this.#meters);
    this.instrumentation = new FreelanceInstrumentation(config);
  }

  /** Those that have ended, in the order of their ends. */
  get spans(): ReadableSpan[] {
    return this.#exporter.getFinishedSpans();
  }

  /** Those that have ended, with this name. */
  named(name: string): ReadableSpan[] {
    return this.spans.filter((span) => span.name === name);
  }

  reset(): void {
    this.#exporter.reset();
  }

  /** The data points of a metric, read now: each with its attributes. */
  async points(name: string): Promise<{ attributes: Attributes; value: number | Histogram }[]> {
    this.#metricExporter.reset();
    await this.#reader.forceFlush();
    const all = this.#metricExporter
      .getMetrics()
      .flatMap(({ scopeMetrics }) => scopeMetrics)
      .flatMap((scope) => scope.metrics);
    return all
      .filter(({ descriptor }) => descriptor.name === name)
      .flatMap(({ dataPoints }) => dataPoints as DataPoint<number | Histogram>[])
      .map(({ attributes, value }) => ({ attributes, value }));
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.instrumentation.disable();
    await this.#tracers.shutdown();
    await this.#meters.shutdown();
    trace.disable();
    context.disable();
    propagation.disable();
    metrics.disable();
  }
}

/** The span whose child this one is, among these. */
export function parentIn(spans: readonly ReadableSpan[], child: ReadableSpan | undefined) {
  const id = child?.parentSpanContext?.spanId;
  return spans.find((span) => span.spanContext().spanId === id);
}
