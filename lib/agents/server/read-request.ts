import { decodeBody, type ReceivedBody } from '../../protocol/body.js';
import type { Metadata, Pattern, RequestHeaders } from '../../protocol/headers.js';
import { isMalformed, type Malformed } from '../../protocol/malformed.js';
import type { UntypedBody } from '../../protocol/messages.js';
import { decodeUntypedRequest } from '../../protocol/untyped.js';
import type { FreelancePeer } from '../../security/peer.js';
import type { Clock } from '../clock.js';

/** A call or an event, as its handler sees it, whatever the client's dialect. */
export interface ServerRequest {
  readonly pattern: Pattern;
  readonly data: unknown;
  readonly metadata: Metadata;
  /** Which attempt of the call this is, from 1. */
  readonly attempt: number;
  /** Whether the caller says that an earlier attempt may have run. */
  readonly mayHaveRun: boolean;
  /** The id that the client gave itself; undefined in the older dialects, which have none. */
  readonly clientId: string | undefined;
  /** The authenticated owner of the connection; undefined if the server has no security. */
  readonly peer: FreelancePeer | undefined;
  /** When it came, in ms of the agent's clock. */
  readonly arrivedAt: number;
  /** When the caller gives up, in ms of the agent's clock; Infinity if never. */
  readonly deadlineAt: number;
  /** Milliseconds until then; Infinity if never. */
  remaining(): number;
}

/** Who has sent a request: the id that it gave itself, and the authenticated owner of its connection. */
export interface Sender {
  readonly clientId: string | undefined;
  readonly peer: FreelancePeer | undefined;
}

/** Reads a request of the older dialects, whose body has everything. */
export function readUntypedRequest(
  body: UntypedBody,
  peer: FreelancePeer | undefined,
  arrivedAt: number,
): ServerRequest | Malformed {
  const untyped = decodeUntypedRequest(body);
  if (isMalformed(untyped)) return untyped;
  const { pattern, data } = untyped;
  return {
    pattern,
    data,
    metadata: {},
    attempt: 1,
    mayHaveRun: false,
    clientId: undefined,
    peer,
    arrivedAt,
    deadlineAt: Infinity,
    remaining: FOREVER,
  };
}

/** Reads a request or an event of the negotiated dialect. */
export function readRequest(
  { body, headers }: { body: ReceivedBody; headers: RequestHeaders },
  { clientId, peer }: Sender,
  clock: Pick<Clock, 'now'>,
): ServerRequest | Malformed {
  const { pattern, metadata = {}, attempt, timeout, mayHaveRun = false } = headers;
  const value = decodeBody(body, headers);
  if (isMalformed(value)) return value;
  const arrivedAt = clock.now();
  const deadlineAt = timeout === undefined ? Infinity : arrivedAt + timeout;
  return {
    pattern,
    data: value.value,
    metadata,
    attempt,
    mayHaveRun,
    clientId,
    peer,
    arrivedAt,
    deadlineAt,
    remaining: timeout === undefined ? FOREVER : until(deadlineAt, clock),
  };
}

function until(deadlineAt: number, clock: Pick<Clock, 'now'>): () => number {
  return () => deadlineAt - clock.now();
}

const FOREVER = () => Infinity;
