import type { BoundedLog } from '../bounded-log.js';
import { Listeners } from '../listeners.js';

/**
 * A listener to state changes of servers, for `client.on`.
 *
 * @param endpoint the address of the server
 * @param reason for `down`: a few words; for `suspect`: `silent` (a heartbeat is unanswered), `failing` (calls time out
 *   or fail) or `unready` (the server says so itself); else empty
 */
export type FreelanceClientListener = (endpoint: string, reason: string) => void;

/** The events of a client, for `client.on`: changes in the state of a server. */
export type FreelanceClientEvents = {
  /** The server answers: it gets calls. */
  up: FreelanceClientListener;
  /** The server was lost, fell silent, or was never reached. Its calls move to other servers if they may. */
  down: FreelanceClientListener;
  /** Something is wrong with the server: it gets calls only if no other server can take them, and none while `unready`. */
  suspect: FreelanceClientListener;
  /** The server is shutting down: it gets no new calls. */
  draining: FreelanceClientListener;
};

export function clientListeners(
  logger: Pick<BoundedLog, 'error'>,
): Listeners<FreelanceClientEvents> {
  return new Listeners<FreelanceClientEvents>({
    owner: 'FreelanceClientProxy',
    events: ['up', 'down', 'suspect', 'draining'],
    failed: (error) => logger.error('listener', error),
  });
}
