import type { CanActivate, InjectionToken, ModuleMetadata, Type } from '@nestjs/common';
import { FreelanceClientProxy } from '../nest/client/freelance-client-proxy.js';
import type { FreelanceClientSecurity } from '../nest/options/client-security.js';
import { OptionReader } from '../nest/options/option-reader.js';
import { FreelanceTransportServer } from '../nest/server/freelance-transport-server.js';

/** A client that the page shows under a name. */
export interface NamedClient {
  /** What the page calls it. */
  readonly name: string;
  /** The client, or the token of its provider. */
  readonly client: FreelanceClientProxy | InjectionToken;
}

/** A server of this process that the page shows under a name. */
export interface NamedServer {
  /** What the page calls it. */
  readonly name: string;
  /** The strategy of the server's application. */
  readonly server: FreelanceTransportServer;
}

/** The options of `FreelanceDashboardModule.register`. */
export interface FreelanceDashboardOptions {
  /**
   * Where the page is; a global prefix comes before it. Versioning does not change it.
   *
   * @default '/freelance'
   */
  readonly path?: string | undefined;
  /**
   * The clients of this application that the page shows, with the servers that they know. The token of a provider anywhere
   * in the application is enough, as of `ClientsModule`: `clients: ['INVENTORY']`.
   *
   * @default none
   */
  readonly clients?: readonly (InjectionToken | NamedClient)[] | undefined;
  /**
   * The servers that run in this process, as in a hybrid application: the page shows what they say of themselves, without
   * asking over the network.
   *
   * @default none
   */
  readonly servers?: readonly NamedServer[] | undefined;
  /**
   * Addresses of servers that are asked for their statistics once a second (`introspection`). Those that `clients` know are
   * shown anyway, as these clients see them; named here, also with what they say of themselves.
   *
   * @default none
   */
  readonly endpoints?: readonly string[] | undefined;
  /** Who this process is to `endpoints`: the option `security` of a client. @default none */
  readonly security?: FreelanceClientSecurity | undefined;
  /**
   * Guards of the page and of all that it loads: classes or instances, as for `@UseGuards`. Global guards apply anyway.
   * Without either, whoever reaches the application sees the page, and a warning is logged; `[]` is without the warning.
   *
   * @default none
   */
  readonly guards?: readonly (Type<CanActivate> | CanActivate)[] | undefined;
  /** Modules with the providers that `guards` inject. @default none */
  readonly imports?: ModuleMetadata['imports'];
  /**
   * How many pages may be open at once; a further one waits. As many may read the history at once; a further one gets the
   * status 503. At least 1, at most 1000.
   *
   * @default 16
   */
  readonly maxViewers?: number | undefined;
  /**
   * Whether to watch only while a page is open, and a minute longer. It saves one call a second to each of `endpoints`, but
   * a page can then go back no further than to its own start.
   *
   * @default false
   */
  readonly onlyWhileWatched?: boolean | undefined;
}

export const DEFAULT_MAX_VIEWERS = 16;

export interface ResolvedDashboardOptions {
  readonly path: string;
  readonly clients: readonly (InjectionToken | NamedClient)[];
  readonly servers: readonly NamedServer[];
  readonly endpoints: readonly string[];
  readonly security: FreelanceClientSecurity | undefined;
  /** Undefined: nobody has thought of it. */
  readonly guards: readonly (Type<CanActivate> | CanActivate)[] | undefined;
  readonly imports: NonNullable<ModuleMetadata['imports']>;
  readonly maxViewers: number;
  readonly onlyWhileWatched: boolean;
}

/** @throws FreelanceError `BAD_OPTIONS`, naming the option, its bound and the value */
export function resolveDashboardOptions(
  options: FreelanceDashboardOptions,
): ResolvedDashboardOptions {
  const read = new OptionReader<FreelanceDashboardOptions>('FreelanceDashboardModule', options, [
    'path',
    'clients',
    'servers',
    'endpoints',
    'security',
    'guards',
    'imports',
    'maxViewers',
    'onlyWhileWatched',
  ]);
  const { clients = [], servers = [], endpoints = [], guards, imports = [] } = options;
  for (const [name, value] of Object.entries({ clients, servers, endpoints, imports })) {
    if (!Array.isArray(value)) throw read.bad(name as 'clients', 'must be a list', value);
  }
  for (const server of servers as readonly unknown[]) {
    if (!isNamedServer(server)) throw read.bad('servers', 'must be of { name, server }', server);
  }
  for (const client of clients as readonly unknown[]) {
    if (!(client instanceof FreelanceClientProxy)) continue;
    throw read.bad('clients', 'must be of tokens of providers, or { name, client }', client);
  }
  if (guards !== undefined && !Array.isArray(guards)) {
    throw read.bad('guards', 'must be a list', guards);
  }
  if (clients.length + servers.length + endpoints.length === 0) {
    throw read.bad('clients', 'must name a client, unless servers or endpoints do', clients);
  }
  return {
    path: read.text('path', '/freelance'),
    clients,
    servers,
    endpoints,
    security: options.security,
    guards,
    imports,
    maxViewers: read.number('maxViewers', {
      min: 1,
      max: 1000,
      default: DEFAULT_MAX_VIEWERS,
      integer: true,
    }),
    onlyWhileWatched: read.flag('onlyWhileWatched', false),
  };
}

function isNamedServer(value: unknown): value is NamedServer {
  if (typeof value !== 'object' || value === null) return false;
  const { name, server } = value as Partial<NamedServer>;
  return typeof name === 'string' && server instanceof FreelanceTransportServer;
}

export function isNamedClient(client: InjectionToken | NamedClient): client is NamedClient {
  return typeof client === 'object' && 'name' in client && 'client' in client;
}
