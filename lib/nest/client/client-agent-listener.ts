import type { ClientAgentListener, StateChange } from '../../agents/client/client-agent-options.js';
import type { DiscoveryFollower } from '../../agents/client/discovery-follower.js';
import { describeDrop } from '../../agents/drop-counter.js';
import { inNobodysContext } from '../../async-context.js';
import type { HealthState } from '../../core/health.js';
import { plainText } from '../../core/plain-text.js';
import type { BoundedLog } from '../bounded-log.js';
import { nameOf } from '../../protocol/pattern-name.js';
import { clientDrops, failovers, publish, serverStates } from '../../telemetry/channels.js';
import type {
  DroppedMessage,
  FailoverMessage,
  ServerStateMessage,
} from '../../telemetry/messages.js';
import type { FreelanceStatus } from '../freelance-transport.js';
import type { Listeners } from '../listeners.js';
import type { FreelanceClientEvents } from './client-events.js';

const EVENT_OF: Partial<Record<HealthState, keyof FreelanceClientEvents>> = {
  alive: 'up',
  dead: 'down',
  suspect: 'suspect',
  draining: 'draining',
};

export interface ClientIdentity {
  readonly id: string;
  /** Its name in log lines; empty if the endpoint is enough. */
  readonly name: string;
}

export interface ClientAgentListenerDeps {
  readonly logger: Pick<BoundedLog, 'log' | 'warn' | 'debug'>;
  readonly client: ClientIdentity;
  readonly events: Pick<Listeners<FreelanceClientEvents>, 'emit'>;
  readonly status: (status: FreelanceStatus) => void;
  /** Is told when its discovery should look again; undefined without one. */
  readonly follower?: Pick<DiscoveryFollower, 'serverLost' | 'usableChanged'> | undefined;
  /** Whether the client still uses this agent. */
  readonly isCurrent: () => boolean;
}

/** Logs what happens to a client's agent, and tells the user's listeners. */
export function clientAgentListener(deps: ClientAgentListenerDeps): ClientAgentListener {
  const { logger, client, events, status, isCurrent, follower } = deps;
  const prefix = client.name && `${plainText(client.name)}: `;
  // A callback that was told before, or a balancer, may have closed the client. And where a call brings this about, the log
  // is not to run in the async context of that call.
  const ifCurrent = (tell: () => void) => {
    if (isCurrent()) inNobodysContext(tell);
  };
  return {
    stateChanged: (endpoint, change) =>
      ifCurrent(() => {
        log(logger, prefix, endpoint, change);
        if (isLoss(change)) follower?.serverLost();
        const event = EVENT_OF[change.to];
        if (event) events.emit(event, endpoint, change.reason);
        publish(serverStates, (): ServerStateMessage => ({ client, endpoint, ...change }));
      }),
    usableChanged: (isUsable) =>
      ifCurrent(() => {
        follower?.usableChanged(isUsable);
        status(isUsable ? 'connected' : 'disconnected');
      }),
    failedOver: ({ pattern, ...failover }) =>
      ifCurrent(() =>
        publish(failovers, (): FailoverMessage => ({
          client,
          pattern: nameOf(pattern),
          ...failover,
        })),
      ),
    dropped: (reason, endpoint) =>
      ifCurrent(() => {
        logger.debug(
          'dropped',
          `${prefix}Dropped a message of ${endpoint}: ${describeDrop(reason)}. stats() counts them all.`,
        );
        publish(clientDrops, (): DroppedMessage => ({ id: client.id, reason, endpoint }));
      }),
  };
}

/** A server is gone, or leaves. One that cannot be reached yet, or again and again, is no news. */
function isLoss({ from, to }: StateChange): boolean {
  return to === 'draining' || (to === 'dead' && from !== 'connecting');
}

function log(
  logger: ClientAgentListenerDeps['logger'],
  prefix: string,
  endpoint: string,
  { from, to, reason, serverId, name }: StateChange,
): void {
  // Pods are often found under the name by which they call themselves.
  const known = [...new Set([name, serverId])].filter((text) => text !== undefined);
  const also = known.map((text) => plainText(text, 64)).join(', ');
  const server = also === '' ? endpoint : `${endpoint} (${also})`;
  const line = (state: string) => `${prefix}${server} is ${state}${reason && `: ${reason}`}`;
  const kind = `${endpoint} ${to}`;
  if (to === 'dead') logger.warn(kind, line('down'));
  else if (to === 'suspect' && reason === 'failing') logger.warn(kind, line(to));
  else if (to === 'alive' && from === 'dead') logger.log(kind, line('up'));
  else logger.debug(kind, line(to));
}
