export { FreelanceInstrumentation } from './freelance-instrumentation.js';
export type { FreelanceInstrumentationConfig } from './instrumentation-config.js';
