import { decodeBody } from '../../protocol/body.js';
import type { RequestHeaders } from '../../protocol/headers.js';
import { isMalformed, type Malformed } from '../../protocol/malformed.js';
import { decodeUntypedRequest } from '../../protocol/untyped.js';
import type { Clock } from '../clock.js';
import type { ServerRequest } from './server-call.js';

/** A request of the older dialects: whatever it is, it is in the body. */
export function readUntypedRequest(body: Buffer): ServerRequest | Malformed {
  const untyped = decodeUntypedRequest(body);
  if (isMalformed(untyped)) return untyped;
  const { pattern, data } = untyped;
  return { pattern, data, metadata: {}, attempt: 1, clientId: undefined, remaining: FOREVER };
}

/** A request or an event of the negotiated dialect. */
export function readRequest(
  { body, headers }: { body: Buffer; headers: RequestHeaders },
  clientId: string | undefined,
  clock: Pick<Clock, 'now'>,
): ServerRequest | Malformed {
  const { pattern, type, serialized, metadata = {}, attempt, timeout = Infinity } = headers;
  const value = decodeBody({ type, bytes: body, ...(serialized && { serialized }) });
  if (isMalformed(value)) return value;
  const deadlineAt = clock.now() + timeout;
  const remaining = timeout === Infinity ? FOREVER : () => deadlineAt - clock.now();
  return { pattern, data: value.value, metadata, attempt, clientId, remaining };
}

const FOREVER = () => Infinity;
