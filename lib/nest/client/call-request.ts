import type { ReadPacket } from '@nestjs/microservices';
import type { CallRequest } from '../../agents/client/call.js';
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
import type { CallDefaults } from '../options/client-options.js';

/** Nest 12's dispatch hook sets the packet's metadata; Nest 11's type knows of none. */
export interface DispatchedPacket extends Pick<ReadPacket<unknown>, 'pattern' | 'data'> {
  metadata?: Metadata | undefined;
}

/**
 * What a packet of Nest asks of the agent.
 *
 * @throws TypeError if its pattern or its data cannot be written as JSON
 * @throws FreelanceError `BAD_OPTIONS` if it is to be hedged, and is not idempotent
 */
export function callRequest(
  kind: CallRequest['kind'],
  { pattern, data, metadata }: DispatchedPacket,
  options: FreelanceCallOptions,
  defaults: CallDefaults,
  { timeout, paced = false }: Pick<CallRequest, 'timeout' | 'paced'>,
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
    metadata: allMetadata(defaults.metadata, metadata, options),
    paced,
    hedge: options.hedge && { after: options.hedge.after, max: options.hedge.max ?? 1 },
    routingKey: options.routingKey,
  };
}

function notToBeHedged(pattern: unknown): FreelanceError {
  return new FreelanceError(
    'BAD_OPTIONS',
    `The call ${JSON.stringify(pattern)} was not made: it has setHedge, so several servers may run it, but it ` +
      'is not idempotent. Leave setHedge out, or setIdempotent(true) if running it twice does no harm.',
  );
}

/** Undefined if there is none: what need not be said is not sent. */
function allMetadata(
  usual: Metadata,
  dispatched: Metadata | undefined,
  { parent, metadata: own }: FreelanceCallOptions,
): Metadata | undefined {
  if (usual === NO_METADATA && !dispatched && !parent && !own) return undefined;
  const metadata = { ...usual, ...dispatched, ...traceOf(parent), ...own };
  return Object.keys(metadata).length > 0 ? textValues(metadata) : undefined;
}

/**
 * @throws TypeError if the pattern cannot be written as JSON: here the caller hears of it, while an
 *   attempt may be written much later.
 */
function writable(pattern: ReadPacket['pattern']): Pattern {
  if (typeof pattern !== 'object') return String(pattern);
  const text = JSON.stringify(pattern);
  // An array, or what is nested too deep, is no pattern to a server, which would drop the call. Nest
  // reads text as JSON too: as text it is answered, with Nest's words for what nobody handles.
  return isPattern(pattern) ? pattern : text;
}
