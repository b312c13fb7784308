import { rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { Child } from '../../support/child.js';
import { makeFolder } from '../network/names.js';
import type { NetworkHost } from '../network/network.js';
import { runCommand } from '../network/run-command.js';

/** The domain of all names: reserved for tests. Source: RFC 6761. */
export const DOMAIN = 'test';

/** For how long an answer may be remembered, in seconds. */
export const TTL_S = 1;

/** How often a starting server is asked whether it answers, in ms. */
const POLL_MS = 20;

export interface ServiceRecord {
  readonly target: string;
  readonly port: number;
  readonly priority?: number;
  readonly weight?: number;
}

/** What a name server knows. Names are whole: `orders.test`. */
export interface Records {
  /** A and AAAA records. */
  readonly addresses?: Readonly<Record<string, readonly string[]>>;
  /** SRV records. */
  readonly services?: Readonly<Record<string, readonly ServiceRecord[]>>;
  /** Names that exist and have no address: the answer is empty. A name that is nowhere gets NXDOMAIN. */
  readonly empty?: readonly string[];
}

/**
 * dnsmasq on a host. It answers for the domain `test` from its own records, and asks nobody.
 *
 * dnsmasq is the child of a shell that ends it when its standard input closes, so that nothing is left behind.
 */
export class NameServer implements AsyncDisposable {
  #process: Child | undefined;
  #pid = 0;
  #config = '';

  private constructor(
    readonly host: NetworkHost,
    private readonly folder: string,
  ) {}

  static async start(host: NetworkHost, records: Records = {}): Promise<NameServer> {
    const folder = await makeFolder(host.name);
    const server = new NameServer(host, folder);
    await server.serve(records);
    return server;
  }

  get address(): string {
    return this.host.v4;
  }

  /** Replaces all records. Resolves once the server answers from the new ones. */
  async serve(records: Records): Promise<void> {
    const config = configOf(records);
    await writeFile(this.#hostsFile, hostsOf(records));
    if (config === this.#config && this.#process) return this.#reload();
    await this.end();
    this.#config = config;
    await writeFile(this.#configFile, config);
    await this.#start();
  }

  /** Ends the server: its host says that nobody listens there. The next `serve` starts it again. */
  async end(): Promise<void> {
    if (!this.#process) return;
    process.kill(this.#pid, 'SIGKILL');
    await this.#process.kill();
    this.#process = undefined;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.end();
    await rm(this.folder, { recursive: true });
  }

  get #hostsFile(): string {
    return join(this.folder, 'hosts');
  }

  get #configFile(): string {
    return join(this.folder, 'dnsmasq.conf');
  }

  async #start(): Promise<void> {
    const script = '"$@" >&2 & echo $!; cat >/dev/null; kill -KILL $!';
    const line = this.host.namespace.inside('sh', '-c', script, 'sh', ...this.#command());
    this.#process = new Child(line.command, line.args);
    this.#pid = (await this.#process.nextLine()) as number;
    await this.#answers();
  }

  /** Source: dnsmasq(8). */
  #command(): string[] {
    return [
      'dnsmasq',
      '--keep-in-foreground',
      `--conf-file=${this.#configFile}`,
      `--addn-hosts=${this.#hostsFile}`,
      '--no-hosts',
      '--no-resolv',
      `--local=/${DOMAIN}/`,
      `--local-ttl=${TTL_S}`,
      `--listen-address=${this.host.v4}`,
      '--bind-interfaces',
      // A pid file, and another user, are for daemons.
      '--pid-file=',
      '--user=root',
    ];
  }

  /** dnsmasq reads its hosts file again upon SIGHUP, and says so in its log; the signal is quick, so nobody waits for the log. */
  #reload(): void {
    process.kill(this.#pid, 'SIGHUP');
  }

  /** Resolves once the server's socket is there. */
  async #answers(): Promise<void> {
    const line = this.host.namespace.inside('ss', '-Hlun', `src ${this.host.v4}:53`);
    while ((await runCommand(line.command, line.args)) === '') {
      if (!this.#process) throw new Error('the name server was ended');
      await delay(POLL_MS);
    }
  }
}

function hostsOf({ addresses = {} }: Records): string {
  const lines = Object.entries(addresses).flatMap(([name, all]) =>
    all.map((address) => `${address} ${name}\n`),
  );
  return lines.join('');
}

function configOf({ services = {}, empty = [] }: Records): string {
  const srv = Object.entries(services).flatMap(([name, all]) =>
    all.map(
      ({ target, port, priority = 0, weight = 1 }) =>
        `srv-host=${name},${target},${port},${priority},${weight}\n`,
    ),
  );
  // A name with a record of another kind exists, and has no address.
  return [...srv, ...empty.map((name) => `txt-record=${name},empty\n`)].join('');
}
