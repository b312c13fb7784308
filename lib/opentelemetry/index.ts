/**
 * Traces and metrics of all clients and servers of a process, for OpenTelemetry. Needs `@opentelemetry/api`.
 *
 * @module nestjs-freelance/opentelemetry
 */

export { FreelanceInstrumentation } from './freelance-instrumentation.js';
export type { FreelanceInstrumentationConfig } from './instrumentation-config.js';
