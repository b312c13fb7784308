/**
 * Metrics of clients and servers, for Prometheus. Needs `prom-client`.
 *
 * @module nestjs-freelance/prometheus
 */

import { type OpenMetricsContentType, register, type Registry } from 'prom-client';
import type { ClientStats } from '../agents/client/client-stats.js';
import type { ServerStats } from '../agents/server/server-stats.js';
import { PACKAGE } from '../package.js';
import { sharedValue } from '../shared-value.js';
import { CLIENT_METRICS } from './client-metrics.js';
import { Collections } from './collection.js';
import { type CollectorOptions, resolveCollectorOptions } from './collector-options.js';
import { SERVER_METRICS } from './server-metrics.js';

/** What `freelanceCollector` collects, and where it registers the metrics. */
export interface FreelanceCollectorOptions extends CollectorOptions<
  Registry | Registry<OpenMetricsContentType>
> {}

/** Clients and servers whose metrics are collected, until it is stopped. */
export interface FreelanceCollector {
  /** Collects these clients and servers no more. May be called any number of times. */
  stop(): void;
}

/** One registry may serve several copies of this library. Those of another version have other metrics, and collections of their own. */
const collections = sharedValue(`prometheus ${PACKAGE.version}`, () => ({
  clients: new Collections<ClientStats>({ label: 'client', metrics: CLIENT_METRICS }),
  servers: new Collections<ServerStats>({ label: 'server', metrics: SERVER_METRICS }),
}));

/**
 * Registers metrics of clients and servers with prom-client. They are read from `stats()` when the registry is scraped; in
 * between, nothing is done. `docs/prometheus.md` lists them.
 *
 * ```ts
 * freelanceCollector({ clients: { inventory: client }, servers: { orders: server } });
 * ```
 *
 * May be called several times for one registry, with other names. It keeps the clients and servers in memory until `stop()`.
 *
 * @throws FreelanceError `BAD_OPTIONS` if an option is unknown or wrong, a name is taken, or the registry has another metric
 *   of such a name
 */
export function freelanceCollector(options: FreelanceCollectorOptions): FreelanceCollector {
  const { registry, clients, servers } = resolveCollectorOptions(options, register);
  const removeClients = collections.clients.add(registry, clients);
  try {
    const removeServers = collections.servers.add(registry, servers);
    return {
      stop() {
        removeClients();
        removeServers();
      },
    };
  } catch (error) {
    removeClients();
    throw error;
  }
}
