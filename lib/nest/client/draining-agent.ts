import { type CallHandle, NO_CALL } from '../../agents/client/call-contract.js';
import type { ClientAgent } from '../../agents/client/client-agent.js';
import { FreelanceError } from '../../core/freelance-error.js';

/** The part of an agent that starts something new. */
export type CallAgent = Pick<ClientAgent, 'connect' | 'call' | 'broadcast' | 'hold'>;

/** Stands in for the agent of a client that drains: whatever is new fails with `CLOSED`. */
export const DRAINING_AGENT: CallAgent = {
  connect: () => Promise.reject(draining()),
  call: (_request, observer) => refused(observer),
  broadcast: (_request, observer) => refused(observer),
  hold: () => {
    throw draining();
  },
};

function refused(observer: { error(error: unknown): void }): CallHandle {
  observer.error(draining());
  return NO_CALL;
}

function draining(): FreelanceError {
  return new FreelanceError(
    'CLOSED',
    'The client is draining and takes no new calls: call again once close({ drain: true }) has resolved, or sooner after close().',
  );
}
