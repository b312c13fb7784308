import type { Member } from '../../core/member.js';
import type { AttemptEnd, CallRequest } from './call-contract.js';

/** A connection, as the calls remember it whose attempts it carried. */
export interface Carriage {
  readonly isOver: boolean;
  /** Whether the server can tell calls apart: if so, it stops what runs for a client whose connection it lost. */
  readonly namesCalls: boolean;
}

/** A server, as calls use it: the way down. */
export interface AttemptCarrier<Attempt> extends Member {
  /** The client no longer knows it. Calls in flight are still answered. */
  readonly isRemoved: boolean;
  /** How the server calls itself; undefined if it has not said. */
  readonly serverId: string | undefined;
  readonly connection: Carriage | undefined;
  /** Whether its connection stands, and it has answered no PING on it. */
  readonly isMute: boolean;
  /** The largest body that it may be sent, in bytes. */
  readonly maxMessageSize: number;
  /** Whether the call is too large for the server: it would end the connection. */
  isTooSmallFor(request: CallRequest): boolean;
  /** Whether it leaves a PING unanswered for longer than one may take. */
  isOverdue(now: number): boolean;
  send(attempt: Attempt): void;
  /** Ends an attempt, in one of these ways. Does nothing if it has ended already. */
  end(attempt: Attempt, how: AttemptEnd, now: number): void;
  /** The attempt had no answer in its time. It stays, but at a server that cannot tell calls apart. */
  late(attempt: Attempt, now: number): void;
  /**
   * A call has failed there, or had no answer in its time.
   *
   * @param isFailure whether the server is to blame
   * @param isAnswer whether it has answered
   */
  judge(attempt: Attempt, isFailure: boolean, isAnswer: boolean, now: number): void;
  /** The caller has read a value of the attempt, so that another one may come. */
  read(attempt: Attempt): void;
}
