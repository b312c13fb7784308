import { type Attributes, type Span, SpanStatusCode, type TimeInput } from '@opentelemetry/api';
import { FreelanceError } from '../core/freelance-error.js';
import { isError } from '../is-error.js';
import { isObject } from '../is-object.js';
import type { ClientCallMessage, ServerCallMessage } from '../telemetry/messages.js';
import { ERROR_TYPE, OTHER, RPC_STATUS_CODE } from './conventions.js';

/** How a call has ended, in the words of the conventions. */
export interface CallStatus {
  /**
   * `rpc.status_code`: `OK`, `CANCELLED`, the code of a `FreelanceError`, or the server's kind of error. Undefined of a call that
   * failed in this process, before it had one.
   */
  readonly code: string | undefined;
  /** `error.type`; undefined unless it failed. */
  readonly errorType: string | undefined;
}

const OK: CallStatus = { code: 'OK', errorType: undefined };

/** Whoever waited has left, which is how a caller ends a stream: no error. */
const CANCELLED: CallStatus = { code: 'CANCELLED', errorType: undefined };

export function statusOfClientCall({ outcome, error }: ClientCallMessage): CallStatus {
  if (outcome === 'cancelled') return CANCELLED;
  if (outcome !== 'failed') return OK;
  if (error instanceof FreelanceError) return failed(error.code);
  // What cannot be sent, or not be read: servers answer with values that are no `Error`.
  if (isError(error)) return { code: undefined, errorType: nameOf(error) };
  return failed('HANDLER');
}

export function statusOfServerCall({ outcome, errorKind }: ServerCallMessage): CallStatus {
  if (outcome === 'failed') return failed(errorKind ?? OTHER);
  return outcome === 'abandoned' ? CANCELLED : OK;
}

function failed(code: string): CallStatus {
  return { code, errorType: code };
}

/** The status as attributes of a span, or of a measurement. */
export function statusAttributes({ code, errorType }: CallStatus): Attributes {
  return {
    ...(code !== undefined && { [RPC_STATUS_CODE]: code }),
    ...(errorType !== undefined && { [ERROR_TYPE]: errorType }),
  };
}

/**
 * Records an error on the span of the call that it ended: as the span's status, and as an exception event. Source: semantic
 * conventions, docs/general/recording-errors.md.
 *
 * @param at when it ended
 */
export function recordError(span: Span, status: CallStatus, error: unknown, at: TimeInput): void {
  const { errorType = OTHER } = status;
  const shown = shownOf(error);
  span.setStatus({ code: SpanStatusCode.ERROR, message: shown.message });
  span.recordException({ name: errorType, ...shown }, at);
}

interface ShownError {
  readonly message: string;
  readonly name?: string;
  readonly stack?: string;
}

function shownOf(error: unknown): ShownError {
  try {
    const message = messageOf(error);
    if (!isError(error)) return { message };
    const { stack } = error;
    return { message, name: nameOf(error), ...(typeof stack === 'string' && { stack }) };
  } catch {
    // The user's error may have a getter that throws, and a deserializer of theirs may make anything of an error.
    return { message: 'An error that cannot be shown' };
  }
}

/** In characters: a server chooses what it answers with. */
const LONGEST_MESSAGE = 2000;

function messageOf(error: unknown): string {
  const told: unknown = isObject(error) && 'message' in error ? error.message : error;
  const text = typeof told === 'string' ? told : (JSON.stringify(told) ?? String(told));
  return text.length > LONGEST_MESSAGE ? `${text.slice(0, LONGEST_MESSAGE)}…` : text;
}

function nameOf(error: Error): string {
  try {
    const { name } = error;
    return typeof name === 'string' && name !== '' ? name : OTHER;
  } catch {
    return OTHER;
  }
}
