import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { FreelanceServerOptions } from 'nestjs-freelance';
import { Child } from '../../support/child.js';
import { freePort } from '../../support/ports.js';
import type { Order, ServerFacts } from './messages.js';

const PROGRAM = fileURLToPath(new URL('server.js', import.meta.url));

export type ServerOptions = Omit<FreelanceServerOptions, 'bind' | 'serverId'>;

/** Runs one server process after another, always on the same port. */
export class Host {
  #process: Child | undefined;
  #starts = 0;

  private constructor(
    readonly name: string,
    readonly port: number,
    /** The directory in which its servers record their executions. */
    readonly notes: string,
    readonly options: ServerOptions,
  ) {}

  static async start(name: string, notes: string, options: ServerOptions): Promise<Host> {
    const host = new Host(name, await freePort(), notes, options);
    await host.start();
    return host;
  }

  get endpoint(): string {
    return `tcp://127.0.0.1:${this.port}`;
  }

  /** The id of the running server; each start creates a new one. */
  get serverId(): string {
    return `${this.name}.${this.#starts}`;
  }

  /** Resolves once the server listens. */
  async start(): Promise<void> {
    this.#starts++;
    const options = JSON.stringify({ ...this.options, bind: this.endpoint });
    const notes = join(this.notes, this.serverId);
    const server = new Child(process.execPath, [PROGRAM, this.serverId, notes, options]);
    this.#process = server;
    await server.nextLine();
  }

  async kill(): Promise<void> {
    await this.#process?.kill();
  }

  /** SIGTERM, which Nest's own hooks answer. Resolves once the process has ended. */
  async terminate(): Promise<void> {
    this.#server.signal('SIGTERM');
    await this.#server.ended();
  }

  /**
   * SIGTERM, and SIGKILL at the end of the grace period, as a kubelet does. Resolves once the process has ended.
   *
   * @returns whether it ended by itself
   */
  async leave(graceMs: number): Promise<boolean> {
    let isKilled = false;
    const grace = setTimeout(() => {
      isKilled = true;
      this.#server.signal('SIGKILL');
    }, graceMs);
    await this.terminate();
    clearTimeout(grace);
    return !isKilled;
  }

  /** As with `server.setReady(false)`. Resolves once the server has told its clients. */
  async setUnready(): Promise<void> {
    await this.#ask({ order: 'unready' });
  }

  /**
   * SIGSTOP. Resolves with a function that sends SIGCONT, which is also sent if this process ends, since a stopped process
   * cannot notice that.
   */
  async freeze(): Promise<() => Promise<void>> {
    const script = 'kill -STOP "$0" && echo && cat >/dev/null; kill -CONT "$0"';
    const freezer = spawn('sh', ['-c', script, String(this.#server.pid)], { stdio: 'pipe' });
    await once(freezer.stdout, 'data');
    return async () => {
      freezer.stdin.end();
      await once(freezer, 'exit');
    };
  }

  /** Blocks the server's event loop for this many ms, and resolves afterwards. */
  async block(ms: number): Promise<void> {
    await this.#ask({ order: 'block', ms });
  }

  facts(): Promise<ServerFacts> {
    return this.#ask({ order: 'facts' }) as Promise<ServerFacts>;
  }

  async #ask(order: Order): Promise<unknown> {
    const server = this.#server;
    server.tell(order);
    return server.nextLine();
  }

  get #server(): Child {
    if (!this.#process) throw new Error(`${this.name} was not started`);
    return this.#process;
  }
}
