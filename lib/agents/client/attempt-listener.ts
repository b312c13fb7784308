import type { AttemptFailure } from '../../core/retry.js';
import type { Attempt, Server } from './call.js';
import type { Answer } from './read-reply.js';

/** Is told how attempts end: the way up from a server to its calls. */
export interface AttemptListener {
  /** The server has answered or refused the attempt. */
  replied(attempt: Attempt, answer: Answer, now: number): void;
  /** The attempt has ended without an answer. */
  attemptFailed(attempt: Attempt, failure: AttemptFailure, outcome: string): void;
  /** A PING is unanswered for longer than one may take. Called again with each further PING. */
  overdue(server: Server, now: number): void;
}
