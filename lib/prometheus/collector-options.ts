import { FreelanceClientProxy } from '../nest/client/freelance-client-proxy.js';
import { badOptions } from '../nest/options/bad-options.js';
import { OptionReader } from '../nest/options/option-reader.js';
import { isPlainObject } from '../nest/options/plain-object.js';
import { shown } from '../nest/options/shown.js';
import { FreelanceTransportServer } from '../nest/server/freelance-transport-server.js';
import type { MetricRegistry } from './collection.js';

/** Clients and servers by the names that their metrics have as labels. */
export interface CollectorOptions<Registry> {
  /** Where the metrics are registered. @default the `register` of prom-client */
  readonly registry?: Registry | undefined;
  /** By the value of the label `client`. */
  readonly clients?: Readonly<Record<string, FreelanceClientProxy>> | undefined;
  /** By the value of the label `server`. */
  readonly servers?: Readonly<Record<string, FreelanceTransportServer>> | undefined;
}

export interface ResolvedCollectorOptions {
  readonly registry: MetricRegistry;
  readonly clients: ReadonlyMap<string, FreelanceClientProxy>;
  readonly servers: ReadonlyMap<string, FreelanceTransportServer>;
}

/** The longest name, in characters. It is repeated in each line of the output. */
const LONGEST_NAME = 128;

const OWNER = 'freelanceCollector';

/** @throws FreelanceError `BAD_OPTIONS` */
export function resolveCollectorOptions<Registry extends object>(
  options: CollectorOptions<Registry>,
  standard: Registry,
): ResolvedCollectorOptions {
  const read = new OptionReader<CollectorOptions<Registry>>(OWNER, options, [
    'registry',
    'clients',
    'servers',
  ]);
  const registry: unknown = options.registry ?? standard;
  if (!isRegistry(registry))
    throw read.bad('registry', 'must be a Registry of prom-client', registry);
  const clients = sources('clients', options.clients, FreelanceClientProxy);
  const servers = sources('servers', options.servers, FreelanceTransportServer);
  if (clients.size + servers.size === 0)
    throw badOptions(`${OWNER}: there is nothing to collect. Name at least one client or server`);
  return { registry, clients, servers };
}

function isRegistry(value: unknown): value is MetricRegistry {
  const { registerMetric, removeSingleMetric, getSingleMetric } = Object(
    value,
  ) as Partial<MetricRegistry>;
  return [registerMetric, removeSingleMetric, getSingleMetric].every(
    (method) => typeof method === 'function',
  );
}

function sources<Source>(
  option: 'clients' | 'servers',
  given: unknown,
  type: new (options: never) => Source,
): ReadonlyMap<string, Source> {
  if (given === undefined || given === null) return new Map();
  if (!isPlainObject(given))
    throw badOptions(
      `${OWNER}: ${option} must be an object such as { orders: … }, but is ${shown(given)}`,
    );
  return new Map(
    Object.entries(given).map(([name, source]: [string, unknown]) => {
      if (name === '' || name.length > LONGEST_NAME || !name.isWellFormed())
        throw badOptions(
          `${OWNER}: the name of each of the ${option} must be text of at least 1 and at most ${LONGEST_NAME} characters, but ` +
            `is ${shown(name)}`,
        );
      if (!(source instanceof type))
        throw badOptions(
          `${OWNER}: ${option}[${shown(name)}] must be a ${type.name}, but is ${shown(source)}`,
        );
      return [name, source];
    }),
  );
}
