import { decodeBody, type ReceivedBody } from '../../protocol/body.js';
import type { Metadata, Pattern, RequestHeaders } from '../../protocol/headers.js';
import { isMalformed, type Malformed } from '../../protocol/malformed.js';
import { decodeUntypedRequest } from '../../protocol/untyped.js';
import type { FreelancePeer } from '../../security/peer.js';
import type { Clock } from '../clock.js';

/** What a client asks for, whatever its dialect. */
export interface ServerRequest {
  readonly pattern: Pattern;
  readonly data: unknown;
  readonly metadata: Metadata;
  /** Which try of the call this is, from 1. */
  readonly attempt: number;
  /** Whether an earlier try may have run, as its caller says. */
  readonly mayHaveRun: boolean;
  /** Who calls; undefined for clients of the older dialects, which have no names. */
  readonly clientId: string | undefined;
  /** Who calls, as its connection was authenticated; undefined if the server has no security. */
  readonly peer: FreelancePeer | undefined;
  /** When its caller gives up, in ms of the agent's clock; Infinity if never. */
  readonly deadlineAt: number;
  /** Milliseconds until then. */
  remaining(): number;
}

/** Who has sent a request: by its own word, and as its connection was authenticated. */
export interface Sender {
  readonly clientId: string | undefined;
  readonly peer: FreelancePeer | undefined;
}

/** A request of the older dialects: whatever it is, it is in the body. */
export function readUntypedRequest(
  body: Buffer,
  peer: FreelancePeer | undefined,
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
    deadlineAt: Infinity,
    remaining: FOREVER,
  };
}

/** A request or an event of the negotiated dialect. */
export function readRequest(
  { body, headers }: { body: ReceivedBody; headers: RequestHeaders },
  { clientId, peer }: Sender,
  clock: Pick<Clock, 'now'>,
): ServerRequest | Malformed {
  const { pattern, metadata = {}, attempt, timeout, mayHaveRun = false } = headers;
  const value = decodeBody(body, headers);
  if (isMalformed(value)) return value;
  const deadlineAt = timeout === undefined ? Infinity : clock.now() + timeout;
  return {
    pattern,
    data: value.value,
    metadata,
    attempt,
    mayHaveRun,
    clientId,
    peer,
    deadlineAt,
    remaining: timeout === undefined ? FOREVER : until(deadlineAt, clock),
  };
}

function until(deadlineAt: number, clock: Pick<Clock, 'now'>): () => number {
  return () => deadlineAt - clock.now();
}

const FOREVER = () => Infinity;
