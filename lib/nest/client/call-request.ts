import type { ReadPacket } from '@nestjs/microservices';
import type { CallRequest } from '../../agents/client/call-contract.js';
import { FreelanceError } from '../../core/freelance-error.js';
import { encodeBody } from '../../protocol/body.js';
import {
  isPattern,
  type Metadata,
  NO_METADATA,
  type Pattern,
  textValues,
} from '../../protocol/headers.js';
import { traceOf } from './call-options.js';
import type { FreelanceCallOptions } from './freelance-call-options.js';
import type { ObservedCall } from './observed-call.js';
import type { CallDefaults } from '../options/client-options.js';

/** Nest 12's dispatch hook may set metadata on a packet; Nest 11's type has no such member. */
export interface DispatchedPacket extends Pick<ReadPacket<unknown>, 'pattern' | 'data'> {
  metadata?: Metadata | undefined;
}

/** What the call itself adds to its options. */
export interface CallState extends Pick<CallRequest, 'timeout' | 'paced'> {
  /** Undefined if nobody watches the call. */
  readonly observed?: ObservedCall | undefined;
}

/**
 * The agent's request for a packet of Nest.
 *
 * @throws TypeError if its pattern or its data cannot be written as JSON
 * @throws FreelanceError `BAD_OPTIONS` if it has a hedge, but is not idempotent
 */
export function callRequest(
  kind: CallRequest['kind'],
  { pattern, data, metadata }: DispatchedPacket,
  options: FreelanceCallOptions,
  defaults: CallDefaults,
  { timeout, paced = false, observed }: CallState,
): CallRequest {
  const idempotent = options.idempotent ?? defaults.idempotent;
  if (options.hedge && !idempotent && !options.broadcast) throw notToBeHedged(pattern);
  return {
    kind,
    pattern: writable(pattern),
    body: encodeBody(data),
    requestTimeout: defaults.requestTimeout,
    maxAttempts: options.maxAttempts ?? defaults.maxAttempts,
    idempotent,
    timeout,
    metadata: allMetadata(defaults.metadata, metadata, options, observed?.metadata),
    paced,
    hedge: options.hedge && { after: options.hedge.after, max: options.hedge.max ?? 1 },
    routingKey: options.routingKey,
    attemptObserver: observed,
  };
}

function notToBeHedged(pattern: unknown): FreelanceError {
  return new FreelanceError(
    'BAD_OPTIONS',
    `The call ${JSON.stringify(pattern)} was not made: it has setHedge, so several servers may run it, but it ` +
      'is not idempotent. Leave setHedge out, or setIdempotent(true) if running it twice does no harm.',
  );
}

/** Undefined if there is none: an empty header is not sent. */
function allMetadata(
  usual: Metadata,
  dispatched: Metadata | undefined,
  { parent, metadata: own }: FreelanceCallOptions,
  added: Metadata | undefined,
): Metadata | undefined {
  if (usual === NO_METADATA && !dispatched && !parent && !own && !added) return undefined;
  const metadata = { ...usual, ...dispatched, ...traceOf(parent), ...added, ...own };
  return Object.keys(metadata).length > 0 ? textValues(metadata) : undefined;
}

/**
 * Checked here, where the caller gets the error: an attempt may be written much later.
 *
 * @throws TypeError if the pattern cannot be written as JSON
 */
function writable(pattern: ReadPacket['pattern']): Pattern {
  if (typeof pattern !== 'object') return String(pattern);
  const text = JSON.stringify(pattern);
  // A server drops a pattern that is an array, or nested too deeply. Sent as text, which Nest reads as JSON as well, it is
  // answered with Nest's error for a pattern without a handler.
  return isPattern(pattern) ? pattern : text;
}
