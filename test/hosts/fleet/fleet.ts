import { rm } from 'node:fs/promises';
import { countExecutions } from '../../chaos/fleet/executions.js';
import { loadOf } from '../../chaos/load/load.js';
import { makeFolder } from '../network/names.js';
import { Network, type NetworkHost } from '../network/network.js';
import type { ClientArguments } from './messages.js';
import { DOMAIN, NameServer, type Records } from './name-server.js';
import { RemoteClient } from './remote-client.js';
import { RemoteServer } from './remote-server.js';

/** Two hosts in each of two zones, and one for clients. */
export const SERVERS = ['a1', 'a2', 'b1', 'b2'] as const;
const CLIENT = 'client';

/** Of this server, clients are given the IPv6 address; of the others, the IPv4 address. */
const V6_HOST: ServerName = 'b2';

/** Each of the two name servers is on a host of its own. */
const NAME_SERVERS = ['dns1', 'dns2'] as const;

/** Calls a second: the idempotent ones, by which is judged, and some that must not run twice. */
const PER_SECOND = 150;
const AT_MOST_ONCE_PER_SECOND = 30;

export type ServerName = (typeof SERVERS)[number];

export interface ClientOptions {
  /** The host that it runs on; `client` if not told. */
  readonly on?: NetworkHost;
  readonly servers: ClientArguments['servers'];
  /** The name servers that it asks: the first one, and the next if it does not answer. */
  readonly names?: readonly NameServer[];
  readonly options?: ClientArguments['options'];
  /** Bytes that each call carries. */
  readonly padding?: number;
}

/** The network, a server for each of its hosts, and what runs meanwhile: all of it ends with the fleet. */
export class Fleet implements AsyncDisposable {
  readonly servers: Readonly<Record<ServerName, RemoteServer>>;
  #loads = 0;
  #ended: Promise<void> | undefined;

  private constructor(
    readonly network: Network,
    private readonly notes: string,
  ) {
    const at = (name: ServerName) => new RemoteServer(network.host(name), notes, name === V6_HOST);
    this.servers = { a1: at('a1'), a2: at('a2'), b1: at('b1'), b2: at('b2') };
  }

  /** No server runs yet. */
  static async make(hasNetem: boolean): Promise<Fleet> {
    const hosts = [...SERVERS, CLIENT, ...NAME_SERVERS];
    const network = await Network.make({ hosts, hasNetem });
    return new Fleet(network, await makeFolder('executions'));
  }

  get all(): RemoteServer[] {
    return Object.values(this.servers);
  }

  get endpoints(): string[] {
    return this.all.map(({ endpoint }) => endpoint);
  }

  /** Starts those that do not run. */
  async start(): Promise<void> {
    const resting = this.all.filter(({ isRunning }) => !isRunning);
    await Promise.all(resting.map((server) => server.start()));
  }

  /** A client that calls, in the first load what may run twice, in the second what may not. */
  async client({
    on = this.network.host(CLIENT),
    names = [],
    servers,
    options = {},
    padding = 0,
  }: ClientOptions): Promise<RemoteClient> {
    const addresses = names.map(({ address }) => address);
    if (addresses.length > 0) await on.namespace.askNameServers(addresses, DOMAIN);
    const load = (perSecond: number, isIdempotent: boolean) => ({
      number: ++this.#loads,
      perSecond,
      isIdempotent,
      padding,
    });
    const loads = [load(PER_SECOND, true), load(AT_MOST_ONCE_PER_SECOND, false)] as const;
    return RemoteClient.start(on, { servers, options, loads });
  }

  /** A name server on a host of its own. */
  nameServer(name: (typeof NAME_SERVERS)[number], records: Records): Promise<NameServer> {
    return NameServer.start(this.network.host(name), records);
  }

  /** How many calls of those loads were executed, and how many more than once. */
  executions(loads: readonly number[]): { executed: number; twice: number } {
    return countExecutions(this.notes, (id) => loads.includes(loadOf(id)));
  }

  /** Once, though a signal may come while it ends. */
  [Symbol.asyncDispose](): Promise<void> {
    this.#ended ??= this.#end();
    return this.#ended;
  }

  async #end(): Promise<void> {
    await Promise.all(this.all.map((server) => server.kill()));
    await this.network[Symbol.asyncDispose]();
    await rm(this.notes, { recursive: true });
  }
}
