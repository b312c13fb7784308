import { diag, type Tracer } from '@opentelemetry/api';
import { guarded as guardedListener } from '../core/guarded.js';
import type { CallMetrics } from './call-metrics.js';
import type { FreelanceInstrumentationConfig } from './instrumentation-config.js';

/** Where spans and measurements go now: the SDK may set its providers at any time. */
export interface Telemetry {
  tracer: Tracer;
  metrics: CallMetrics;
  config: FreelanceInstrumentationConfig;
}

const log = diag.createComponentLogger({ namespace: 'nestjs-freelance/opentelemetry' });

/** Runs what may throw because the user's code is in it: a hook, a sampler, a processor of spans. It must not harm the call. */
export function guarded(what: () => unknown): void {
  guardedListener(what, report)();
}

function report(error: unknown): void {
  log.error('an error while a call was recorded', error);
}

/** For what is wrong with the set-up. */
export function warn(what: string): void {
  log.warn(what);
}
