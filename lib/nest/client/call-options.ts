import type { CallHandle, CallObserver } from '../../agents/client/call.js';
import { FreelanceError } from '../../core/freelance-error.js';
import { isOfThisCopy } from '../../core/shared-instances.js';
import type { Metadata } from '../../protocol/headers.js';
import type { FreelanceContext } from '../server/freelance-context.js';
import { type FreelanceCallOptions, FreelanceRecord, NO_OPTIONS } from './freelance-record.js';

/**
 * Data that is no record is one without options. A record that another copy of this library made, perhaps of another
 * version, is read anew.
 *
 * @throws FreelanceError `BAD_OPTIONS` if it has options that this version does not know
 */
export function recordOf(data: unknown): FreelanceRecord {
  if (!(data instanceof FreelanceRecord)) return new FreelanceRecord(data, NO_OPTIONS);
  return isOfThisCopy(FreelanceRecord, data) ? data : new FreelanceRecord(data.data, data.options);
}

/** What a record may say, if it is one: it is not checked. */
export function optionsOf(data: unknown): FreelanceCallOptions {
  return (data instanceof FreelanceRecord ? data.options : undefined) ?? NO_OPTIONS;
}

/** Milliseconds that the call which a handler serves leaves to the calls it makes; Infinity if no bound. */
export function remainingOf(parent: FreelanceContext | undefined): number {
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

/**
 * Cancels the call when one of its signals aborts.
 *
 * @returns cancels it at once, and lets go of the signals
 */
export function cancelledBy(
  { signal, parent }: FreelanceCallOptions,
  handle: CallHandle,
  observer: Pick<CallObserver, 'error'>,
): () => void {
  if (!signal && !parent) return () => handle.cancel();
  const signals = [signal, parent?.signal].filter((given) => given !== undefined);
  const either = AbortSignal.any(signals);
  const abort = () => {
    handle.cancel();
    observer.error(
      new FreelanceError('CANCELLED', 'The call was cancelled by its signal.', [], {
        cause: either.reason,
        mayHaveRun: handle.mayHaveRun,
      }),
    );
  };
  if (either.aborted) abort();
  else either.addEventListener('abort', abort, { once: true });
  return () => {
    either.removeEventListener('abort', abort);
    handle.cancel();
  };
}
