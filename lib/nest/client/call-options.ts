import { FreelanceError } from '../../core/freelance-error.js';
import { isOfThisCopy } from '../../core/shared-instances.js';
import type { Metadata } from '../../protocol/headers.js';
import type { CallDefaults } from '../options/client-options.js';
import type { FreelanceContext } from '../server/freelance-context.js';
import type { FreelanceCallOptions } from './freelance-call-options.js';
import { FreelanceRecord, FreelanceRecordBuilder, NO_OPTIONS } from './freelance-record.js';

/**
 * The record of a call. Plain data becomes a record without options; a record of another copy of this library, perhaps
 * another version, is checked again.
 *
 * @throws FreelanceError `BAD_OPTIONS` if it has options that this version does not know, or is an unfinished builder
 */
export function recordOf(data: unknown): FreelanceRecord {
  if (!(data instanceof FreelanceRecord)) {
    if (data instanceof FreelanceRecordBuilder) throw new FreelanceError('BAD_OPTIONS', UNBUILT);
    return new FreelanceRecord(data, NO_OPTIONS);
  }
  return isOfThisCopy(FreelanceRecord, data) ? data : new FreelanceRecord(data.data, data.options);
}

const UNBUILT =
  'A FreelanceRecordBuilder was given as data: call its build(), and give what that returns.';

/** How long the call may take over all its attempts, in ms; `Infinity` for no bound. */
export function timeoutOf(
  { timeout, parent }: FreelanceCallOptions,
  defaults: Pick<CallDefaults, 'timeout'>,
): number {
  return Math.min(timeout ?? defaults.timeout, remainingOf(parent));
}

/** What is left of the deadline of the call that a handler serves, in ms. */
function remainingOf(parent: FreelanceContext | undefined): number {
  const deadline = parent?.getDeadline();
  return deadline === undefined ? Infinity : Math.max(deadline - Date.now(), 0);
}

/** The metadata of W3C Trace Context, which a call passes on to the calls made for it. */
export function traceOf(parent: FreelanceContext | undefined): Metadata {
  const { traceparent, tracestate } = parent?.getMetadata() ?? {};
  return {
    ...(traceparent !== undefined && { traceparent }),
    ...(tracestate !== undefined && { tracestate }),
  };
}

/** The signals that end the call: its own, and that of the call that it is made for. */
export function signalsOf({ signal, parent }: FreelanceCallOptions): readonly AbortSignal[] {
  if (!signal && !parent) return NO_SIGNALS;
  return [signal, parent?.signal].filter((given) => given !== undefined);
}

const NO_SIGNALS: readonly AbortSignal[] = [];
