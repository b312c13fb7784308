import type { EventEmitter } from 'node:events';
import type { ClientAgentObserver, StateChange } from '../../agents/client/client-agent.js';
import { nextTick } from '../../node-timers.js';
import type { HealthState } from '../../core/health.js';
import { plainText } from '../../core/plain-text.js';
import type { BoundedLog } from '../bounded-log.js';
import type { FreelanceStatus } from '../freelance-transport.js';

/**
 * Hears of a server, by `client.on`.
 *
 * @param endpoint its address
 * @param reason of `down`: a few words; of `suspect`: `silent` (a heartbeat is unanswered), `failing`
 *   (calls time out, or fail) or `unready` (it says so itself); else empty
 */
export type FreelanceClientListener = (endpoint: string, reason: string) => void;

/** What `client.on` tells: each change in the state of a server. */
export type FreelanceClientEvents = {
  /** The server answers: it is used. */
  up: FreelanceClientListener;
  /** The server is lost, or silent, or was never reached. Its calls move to others if they may. */
  down: FreelanceClientListener;
  /** Something is wrong with the server: it is used only if no other can be; not at all while `unready`. */
  suspect: FreelanceClientListener;
  /** The server is about to leave: it gets no new calls. */
  draining: FreelanceClientListener;
};

const EVENT_OF: Partial<Record<HealthState, keyof FreelanceClientEvents>> = {
  alive: 'up',
  dead: 'down',
  suspect: 'suspect',
  draining: 'draining',
};

interface ObserverTools {
  readonly logger: Pick<BoundedLog, 'log' | 'warn' | 'debug'>;
  /** Which client it is, for its lines; empty if the endpoint says so, too. */
  readonly name: string;
  readonly events: EventEmitter;
  readonly status: (status: FreelanceStatus) => void;
  /** Whether the agent is still the one in use. */
  readonly isCurrent: () => boolean;
}

/**
 * Tells the log, and those who listen, what happens to an agent. Both are the user's code: it runs after
 * the agent has finished what it is about, so that what it throws, or calls, meets no half-done change.
 */
export function clientObserver(tools: ObserverTools): ClientAgentObserver {
  const { logger, name, events, status, isCurrent } = tools;
  const prefix = name && `${plainText(name)}: `;
  const afterwards = (tell: () => void) => nextTick(() => isCurrent() && tell());
  return {
    stateChanged: (endpoint, change) =>
      afterwards(() => {
        log(logger, prefix, endpoint, change);
        const event = EVENT_OF[change.to];
        if (event) events.emit(event, endpoint, change.reason);
      }),
    usableChanged: (isUsable) => status(isUsable ? 'connected' : 'disconnected'),
    dropped: (reason, endpoint) =>
      afterwards(() =>
        logger.debug(
          'dropped',
          `${prefix}Dropped a message of ${endpoint}: ${reason}. stats() counts them all.`,
        ),
      ),
  };
}

function log(
  logger: ObserverTools['logger'],
  prefix: string,
  endpoint: string,
  { from, to, reason, serverId }: StateChange,
): void {
  const server = serverId === undefined ? endpoint : `${endpoint} (${plainText(serverId, 64)})`;
  const line = (state: string) => `${prefix}${server} is ${state}${reason && `: ${reason}`}`;
  const kind = `${endpoint} ${to}`;
  if (to === 'dead') logger.warn(kind, line('down'));
  else if (to === 'suspect' && reason === 'failing') logger.warn(kind, line(to));
  else if (to === 'alive' && from === 'dead') logger.log(kind, line('up'));
  else logger.debug(kind, line(to));
}
