import { FreelanceError } from '../../core/freelance-error.js';
import { isOfThisCopy } from '../../core/shared-instances.js';
import type { Metadata } from '../../protocol/headers.js';
import type { CallDefaults } from '../options/client-options.js';
import type { FreelanceContext } from '../server/freelance-context.js';
import type { FreelanceCallOptions } from './freelance-call-options.js';
import { FreelanceRecord, FreelanceRecordBuilder, NO_OPTIONS } from './freelance-record.js';

/**
 * Data that is no record is one without options. A record that another copy of this library made, perhaps of another
 * version, is read anew.
 *
 * @throws FreelanceError `BAD_OPTIONS` if it has options that this version does not know, or was not built
 */
export function recordOf(data: unknown): FreelanceRecord {
  if (!(data instanceof FreelanceRecord)) {
    if (data instanceof FreelanceRecordBuilder) throw new FreelanceError('BAD_OPTIONS', UNBUILT);
    return new FreelanceRecord(data, NO_OPTIONS);
  }
  return isOfThisCopy(FreelanceRecord, data) ? data : new FreelanceRecord(data.data, data.options);
}

const UNBUILT =
  'A FreelanceRecordBuilder was given in the place of the data: call its build(), and give what that returns.';

/** How long the call may take, in ms; Infinity if no bound. */
export function timeoutOf(
  { timeout, parent }: FreelanceCallOptions,
  defaults: Pick<CallDefaults, 'timeout'>,
): number {
  return Math.min(timeout ?? defaults.timeout, remainingOf(parent));
}

/** Milliseconds that the call which a handler serves leaves to the calls it makes. */
function remainingOf(parent: FreelanceContext | undefined): number {
  const deadline = parent?.getDeadline();
  return deadline === undefined ? Infinity : Math.max(deadline - Date.now(), 0);
}

/** What W3C Trace Context hands on from call to call. */
export function traceOf(parent: FreelanceContext | undefined): Metadata {
  const { traceparent, tracestate } = parent?.getMetadata() ?? {};
  return {
    ...(traceparent !== undefined && { traceparent }),
    ...(tracestate !== undefined && { tracestate }),
  };
}

/** What ends the call when it aborts: its own signal, and that of the call which it is made for. */
export function signalsOf({ signal, parent }: FreelanceCallOptions): readonly AbortSignal[] {
  if (!signal && !parent) return NO_SIGNALS;
  return [signal, parent?.signal].filter((given) => given !== undefined);
}

const NO_SIGNALS: readonly AbortSignal[] = [];
