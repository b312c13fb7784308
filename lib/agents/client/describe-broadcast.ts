import { type BroadcastFailure, FreelanceError } from '../../core/freelance-error.js';
import { plainText } from '../../core/plain-text.js';
import { isError } from '../../is-error.js';
import type { Pattern } from '../../protocol/headers.js';
import type { BroadcastOutcome } from './broadcast-outcome.js';
import { describeHealth } from './describe-failure.js';
import type { Server } from './call.js';

/** The error of a broadcast that did not reach some server, or that some server failed; undefined if there is none. */
export function describeBroadcast(
  pattern: Pattern,
  outcomes: readonly BroadcastOutcome[],
): FreelanceError | undefined {
  const failed = failuresOf(outcomes);
  if (failed.length === 0) return undefined;
  const servers = failed.map(({ endpoint, reason }) => `${endpoint}, ${reason}`).join('; ');
  return new FreelanceError(
    'BROADCAST',
    `${failed.length} of ${outcomes.length} servers failed the broadcast ` +
      `${plainText(JSON.stringify(pattern))}, or were not reached: ${servers}.`,
    failed.map(({ endpoint, reason }) => ({ endpoint, outcome: reason })),
    {
      failed,
      mayHaveRun: outcomes.reduce((runs, outcome) => runs + runsOf(outcome), 0),
      cause: new AggregateError(failed.map(({ error }) => error)),
    },
  );
}

/** What a handler answers, also an error, says that it ran. */
function runsOf(outcome: BroadcastOutcome): number {
  if (outcome.type === 'answered' || !(outcome.error instanceof FreelanceError)) return 1;
  return outcome.error.mayHaveRun;
}

export function failuresOf(outcomes: readonly BroadcastOutcome[]): BroadcastFailure[] {
  return outcomes
    .filter((outcome) => outcome.type === 'failed')
    .map(({ endpoint, reason, error }) => ({ endpoint, reason, error }));
}

/** Why a call for that server failed, in a few words. */
export function reasonOfFailure(error: unknown, link: Server): string {
  if (!(error instanceof FreelanceError)) return messageOf(error);
  const tried = error.attempts.at(-1);
  if (tried) return tried.outcome;
  if (link.isRemoved) return 'removed';
  const isUnreached =
    error.code === 'ECONNREFUSED' || error.code === 'UNAUTHORIZED' || error.code === 'ETIMEDOUT';
  if (!isUnreached) return error.message;
  // A connection that has just closed takes nothing more. The client hears of the close a moment later.
  const isClosing = error.code === 'ECONNREFUSED' && link.state === 'alive';
  return isClosing ? 'not sent: the connection was closed' : describeHealth(link);
}

function messageOf(error: unknown): string {
  return plainText(
    isError(error) ? error.message : (JSON.stringify(error) ?? String(error)),
    LONGEST_MESSAGE,
  );
}

/** Of what one server answered, in characters. */
const LONGEST_MESSAGE = 500;
