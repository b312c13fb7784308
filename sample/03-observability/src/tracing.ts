import { ExportResultCode } from '@opentelemetry/core';
import { registerInstrumentations } from '@opentelemetry/instrumentation';
import { HttpInstrumentation } from '@opentelemetry/instrumentation-http';
import {
  NodeTracerProvider,
  SimpleSpanProcessor,
  type SpanExporter,
} from '@opentelemetry/sdk-trace-node';
import { FreelanceInstrumentation } from 'nestjs-freelance/opentelemetry';
import { createRequire } from 'node:module';
import { tell } from './child.js';
import { toldOf } from './span.js';

/** Sends each span to the process that prints the trace. In a deployment this is an exporter of OpenTelemetry. */
const exporter: SpanExporter = {
  export(spans, done) {
    for (const span of spans) tell({ span: toldOf(span) });
    done({ code: ExportResultCode.SUCCESS });
  },
  shutdown: () => Promise.resolve(),
};

new NodeTracerProvider({ spanProcessors: [new SimpleSpanProcessor(exporter)] }).register();
registerInstrumentations({
  instrumentations: [new HttpInstrumentation(), new FreelanceInstrumentation()],
});
// The instrumentation of HTTP patches the module when it is required.
createRequire(import.meta.url)('node:http');
