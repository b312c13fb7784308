import type { Member } from './member.js';

/** What a call has learned about the servers from its earlier attempts, as the pick needs it. */
export interface Eligibility<M> {
  /**
   * Whether the call must not be sent there now: the present connection did not deliver it, the server has refused it on this
   * connection, or the server may still run an earlier attempt.
   */
  cannotGoTo(member: M): boolean;
  /** Whether the server has refused it on the present connection. */
  wasRefusedBy(member: M): boolean;
  /** Whether that server may still run an attempt that was given up. */
  mayStillRunAt(member: M): boolean;
  /** How many of its attempts were lost with their server. */
  readonly losses: number;
  /** Whether the server has had it and did not answer: it gets the call again only if no other server can take it. */
  wasTriedAt(member: M): boolean;
}

/** Whether a server has room for a call, and has not had it. */
export function isNewTo<M extends Member>(call: Eligibility<M>): (member: M) => boolean {
  return (member) => member.hasRoom && !call.cannotGoTo(member) && !call.wasTriedAt(member);
}

/**
 * Whether a server is also of a zone in which none of these has had the call. Undefined if no zone has had it: no server that has had
 * it tells its zone.
 */
export function isInNewZone<M extends Member>(
  call: Eligibility<M>,
  members: Iterable<M>,
): ((member: M) => boolean) | undefined {
  const zones = new Set<string>();
  for (const member of members) {
    if (member.zone !== undefined && call.wasTriedAt(member)) zones.add(member.zone);
  }
  if (zones.size === 0) return undefined;
  const isNew = isNewTo(call);
  return (member) => isNew(member) && (member.zone === undefined || !zones.has(member.zone));
}
