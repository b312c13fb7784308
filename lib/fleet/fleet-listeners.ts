import { subscribe, unsubscribe } from 'node:diagnostics_channel';
import type { FreelanceClientEvents } from '../nest/client/client-events.js';
import { CHANNELS } from '../telemetry/channels.js';
import type { DiscoveryMessage, FailoverMessage } from '../telemetry/messages.js';
import type { EventLog } from './event-log.js';
import type { NamedClient } from './watched-client.js';
import type { WatchedServer } from './watched-server.js';

/** A client that tells what it sees. */
type Seer = Pick<NamedClient['client'], 'on' | 'stats'>;

const EVENTS = ['up', 'down', 'suspect', 'draining'] as const;

export interface FleetListenersDeps {
  /** In ms since 1970. */
  readonly date: () => number;
  /** A server is in another state. */
  readonly changed: () => void;
}

/** Notes what happens to the servers, as the fleet's own clients and those of this process see it. */
export class FleetListeners {
  readonly #events: EventLog;
  readonly #deps: FleetListenersDeps;
  readonly #removers: (() => void)[];

  constructor(
    servers: readonly WatchedServer[],
    clients: readonly NamedClient[],
    events: EventLog,
    deps: FleetListenersDeps,
  ) {
    this.#events = events;
    this.#deps = deps;
    this.#removers = [
      ...servers.flatMap((server) =>
        listen(server.client, (event, endpoint, reason) => {
          if (event === 'down') server.lost();
          // So that rates are known after one interval; also those of a server that is not ready.
          if (event === 'up' || event === 'suspect') server.ask();
          this.#sighted(server.client, event, endpoint, reason);
        }),
      ),
      ...clients.flatMap(({ client, name }) =>
        listen(client, (event, endpoint, reason) =>
          this.#sighted(client, event, endpoint, reason, name),
        ),
      ),
      this.#followChannels(clients),
    ];
  }

  remove(): void {
    for (const remove of this.#removers.splice(0)) remove();
  }

  #sighted(
    client: Seer,
    event: keyof FreelanceClientEvents,
    endpoint: string,
    reason: string,
    seenBy?: string,
  ): void {
    const serverId = client.stats().endpoints[endpoint]?.serverId;
    this.#events.sighted({ event, endpoint, serverId, reason, seenBy }, this.#deps.date());
    this.#deps.changed();
  }

  /** Channels have what all clients of this process tell. */
  #followChannels(clients: readonly NamedClient[]): () => void {
    const names = new Map(clients.map(({ client, name }) => [client.id, name]));
    if (names.size === 0) return () => undefined;
    const movedOn = (message: unknown) => {
      const failover = message as FailoverMessage;
      const name = names.get(failover.client.id);
      if (name !== undefined) this.#events.movedOn(failover, name, this.#deps.date());
    };
    const discovered = (message: unknown) => {
      const change = message as DiscoveryMessage;
      if (!names.has(change.client.id)) return;
      this.#events.discovered(change, this.#deps.date());
      this.#deps.changed();
    };
    subscribe(CHANNELS.failover, movedOn);
    subscribe(CHANNELS.discovery, discovered);
    return () => {
      unsubscribe(CHANNELS.failover, movedOn);
      unsubscribe(CHANNELS.discovery, discovered);
    };
  }
}

function listen(
  client: Seer,
  heard: (event: keyof FreelanceClientEvents, endpoint: string, reason: string) => void,
): (() => void)[] {
  return EVENTS.map((event) =>
    client.on(event, (endpoint, reason) => heard(event, endpoint, reason)),
  );
}
