import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { FreelanceServerOptions } from 'nestjs-freelance';
import { Child } from '../../support/child.js';
import type { NetworkHost } from '../network/network.js';

/** The server of chaos: it notes each call before it runs it. */
const PROGRAM = fileURLToPath(new URL('../../chaos/fleet/server.js', import.meta.url));

/** What all servers are of, unless a scenario makes one of another service. */
export const SERVICE = 'orders';

/** Each host is alone with its ports. */
export const PORT = 5555;

export type RemoteServerOptions = Omit<FreelanceServerOptions, 'bind' | 'serverId'>;

/** Runs one server process after another on a host, on the same port of all its addresses. */
export class RemoteServer implements AsyncDisposable {
  #process: Child | undefined;
  #starts = 0;

  constructor(
    readonly host: NetworkHost,
    /** The folder in which servers note their executions; all hosts share the disk. */
    private readonly notes: string,
    /** Whether clients are given its IPv6 address. */
    private readonly isV6: boolean,
  ) {}

  /** The id of the running server; each start makes a new one. */
  get serverId(): string {
    return `${this.host.name}.${this.#starts}`;
  }

  /** The address that clients are given. */
  get address(): string {
    return this.isV6 ? this.host.v6 : this.host.v4;
  }

  get endpoint(): string {
    return `tcp://${this.isV6 ? `[${this.address}]` : this.address}:${PORT}`;
  }

  get isRunning(): boolean {
    return this.#process !== undefined;
  }

  /** The first letter of its host. */
  get zone(): string {
    return this.host.name.slice(0, 1);
  }

  /** Resolves once the server listens. It names its zone and service; only clients with such options care. */
  async start(options: RemoteServerOptions = {}): Promise<void> {
    if (this.#process) throw new Error(`${this.serverId} still runs`);
    this.#starts++;
    const { zone } = this;
    const all = JSON.stringify({ zone, service: SERVICE, ...options, bind: `tcp://[::]:${PORT}` });
    const notes = join(this.notes, this.serverId);
    const line = this.host.namespace.inside(process.execPath, PROGRAM, this.serverId, notes, all);
    const server = new Child(line.command, line.args);
    this.#process = server;
    await server.nextLine();
  }

  /** SIGKILL. What its kernel then tells the peers passes the network, or does not. */
  async kill(): Promise<void> {
    await this.#process?.kill();
    this.#process = undefined;
  }

  /** SIGTERM, which drains it. Resolves once the process has ended. */
  async terminate(): Promise<void> {
    this.#process?.signal('SIGTERM');
    await this.#process?.ended();
    this.#process = undefined;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.kill();
  }
}
