import type { DiscoveryListener } from '../../agents/client/discovery-follower.js';
import { inNobodysContext } from '../../async-context.js';
import type { EndpointDiscovery } from '../../core/endpoint-discovery.js';
import { plainText } from '../../core/plain-text.js';
import type { ServerTarget } from '../../core/server-target.js';
import { discoveries, publish } from '../../telemetry/channels.js';
import type { DiscoveryMessage } from '../../telemetry/messages.js';
import type { BoundedLog } from '../bounded-log.js';
import type { ClientIdentity } from './client-agent-listener.js';

export interface DiscoveryListenerDeps {
  readonly logger: Pick<BoundedLog, 'log' | 'warn' | 'debug'>;
  readonly client: ClientIdentity;
  readonly discovery: EndpointDiscovery;
  /** Whether the client still follows it. */
  readonly isCurrent: () => boolean;
  /** From now on these are the servers. */
  readonly changed: (targets: readonly ServerTarget[]) => void;
}

/** Logs what a client's discovery brings, publishes it, and passes its servers on. */
export function discoveryListener(deps: DiscoveryListenerDeps): DiscoveryListener {
  const { logger, client, isCurrent } = deps;
  const discovery = plainText(deps.discovery.name);
  const prefix = client.name && `${plainText(client.name)}: `;
  const ifCurrent = (tell: () => void) => {
    if (isCurrent()) inNobodysContext(tell);
  };
  let servers: readonly string[] = [];
  const tell = (message: Partial<DiscoveryMessage>) =>
    publish(discoveries, (): DiscoveryMessage => ({
      client,
      discovery,
      servers,
      added: [],
      removed: [],
      error: undefined,
      ...message,
    }));
  return {
    changed: (targets) =>
      ifCurrent(() => {
        const before = new Set(servers);
        servers = targets.map(({ endpoint }) => endpoint);
        const now = new Set(servers);
        const added = servers.filter((endpoint) => !before.has(endpoint));
        const removed = [...before].filter((endpoint) => !now.has(endpoint));
        logger.debug(
          'discovered',
          `${prefix}The discovery ${discovery} names ${count(servers)}${listed(' new: ', added)}${listed(' gone: ', removed)}`,
        );
        deps.changed(targets);
        tell({ added, removed });
      }),
    failed: (error, text) =>
      ifCurrent(() => {
        const kept =
          servers.length === 0
            ? 'It has named no server yet.'
            : `The client keeps ${count(servers)}`;
        logger.warn('discovery', `${prefix}The discovery ${discovery} fails: ${text}. ${kept}`);
        tell({ error });
      }),
    faulty: (fault) =>
      ifCurrent(() => {
        logger.warn('discovered', `${prefix}The discovery ${discovery}: ${fault}.`);
        tell({ error: fault });
      }),
    recovered: () =>
      ifCurrent(() =>
        logger.log('discovery', `${prefix}The discovery ${discovery} names servers again.`),
      ),
  };
}

function count({ length }: readonly string[]): string {
  return length === 1 ? '1 server.' : `${length} servers.`;
}

/** How many are shown one by one. */
const MOST_SHOWN = 8;

function listed(title: string, endpoints: readonly string[]): string {
  if (endpoints.length === 0) return '';
  const more = endpoints.length > MOST_SHOWN ? `, and ${endpoints.length - MOST_SHOWN} more` : '';
  return `${title}${endpoints.slice(0, MOST_SHOWN).join(', ')}${more}.`;
}
