import type { INestMicroservice } from '@nestjs/common';
import { badOptions } from '../nest/options/bad-options.js';
import { shown } from '../nest/options/shown.js';
import type { FreelanceTransportServer } from '../nest/server/freelance-transport-server.js';
import type { RefusalReason } from '../protocol/headers.js';
import { ServerProcess, type ServerProcessOptions } from './server-process.js';

type State = 'starting' | 'running' | 'stopping' | 'stopped' | 'killed';

/**
 * A server of a testbed, and what a test can do to it. Faults add up: a server may be slow, frozen and cut off at once. They
 * throw an `Error` unless the server runs.
 *
 * @hideconstructor
 */
export class TestbedServer {
  /** From 1. */
  readonly number: number;
  /** `server-1` and so on, as in `client.stats()`. */
  readonly id: string;
  /** Its address: `inproc://`, and a name that no other testbed of the process has. */
  readonly endpoint: string;
  readonly #options: ServerProcessOptions;
  /** The latest is the current one. Earlier ones are closed with the testbed. */
  readonly #processes: ServerProcess[] = [];
  #state: State = 'stopped';
  #starting: Promise<void> | undefined;
  #hasEnded = false;

  /** @internal */
  constructor(options: ServerProcessOptions) {
    this.number = options.number;
    this.id = options.serverId;
    this.endpoint = options.endpoint;
    this.#options = options;
  }

  /** The application of now, to get providers from. After `restart()` it is another one. */
  get app(): INestMicroservice {
    const app = this.#process.app;
    if (!app) throw new Error(`server(${this.number}) is starting: await restart() first.`);
    return app;
  }

  /** The strategy of now, with `stats()` and `setReady()`. After `restart()` it is another one. */
  get strategy(): FreelanceTransportServer {
    return this.#process.strategy;
  }

  /**
   * Kills the process: all connections end at once, as when the system closes the sockets of a process that has died. Nothing
   * more is heard of what runs. As in a process that has died, nothing is told either: no hook of the application runs, and no
   * signal is aborted, until `bed.close()`.
   */
  kill(): void {
    const process = this.#running();
    this.#state = 'killed';
    process.kill();
  }

  /**
   * Stops the process (`SIGSTOP`): connections stay, but it receives and sends nothing, and its timeouts wait. Handlers that run
   * already go on, as they share the process of the test; their answers leave after `thaw()`.
   */
  freeze(): void {
    this.#running().faults.process.close();
  }

  /** Lets a frozen process go on, with what it has been sent meanwhile. */
  thaw(): void {
    this.#running().faults.process.open();
  }

  /**
   * Cuts the network: connections stay, and new ones hang, but nothing arrives on either side. Until `heal()` it is on its way;
   * what was sent over a connection that its client gave up meanwhile is lost.
   */
  partition(): void {
    this.#running().faults.network.close();
  }

  /** Ends a partition. */
  heal(): void {
    this.#running().faults.network.open();
  }

  /**
   * What the server sends arrives later, in order.
   *
   * @param ms from now on; 0 for no delay
   * @throws FreelanceError `BAD_OPTIONS` if that is not a number from 0
   */
  slow(ms: number): void {
    const { faults } = this.#running();
    if (!Number.isFinite(ms) || ms < 0)
      throw badOptions(`slow takes a number of ms, at least 0, but got ${shown(ms)}`);
    faults.delay.delayBy(ms);
  }

  /**
   * Refuses new calls and events, before a handler runs.
   *
   * @param reason as in the `stats().refused` of a server
   * @throws FreelanceError `BAD_OPTIONS` if there is no such reason
   */
  refuse(reason: RefusalReason): void {
    const { faults } = this.#running();
    if (!REASONS.includes(reason))
      throw badOptions(`refuse takes one of ${REASONS.join(', ')}, but got ${shown(reason)}`);
    faults.refusals.refuse(reason);
  }

  /** Refuses no more. */
  accept(): void {
    this.#running().faults.refusals.accept();
  }

  /**
   * Starts the server anew, without faults: a new application, with fresh providers, at the same endpoint. A server that runs is
   * killed first; for a graceful restart `await stop()` before.
   *
   * @throws what the application fails with; the server is then dead, and may be restarted
   */
  restart(): Promise<void> {
    if (this.#hasEnded) return Promise.reject(new Error('The testbed is closed.'));
    if (this.#state === 'running' || this.#state === 'stopping') this.kill();
    this.#starting ??= this.#start().finally(() => (this.#starting = undefined));
    return this.#starting;
  }

  /**
   * Closes the application as a shutdown does: the server refuses new calls, answers those it has accepted, and leaves. In
   * virtual time, what it waits for may need `clock.advance()`.
   *
   * @returns resolves once the server has left, or is killed meanwhile
   * @throws what hooks of the application throw
   */
  async stop(): Promise<void> {
    const process = this.#running();
    this.#state = 'stopping';
    try {
      await process.stop();
    } finally {
      if (this.#process === process && this.#state === 'stopping') this.#state = 'stopped';
    }
  }

  /** @internal Ends what was ever started. @throws what hooks of applications throw */
  async end(): Promise<void> {
    this.#hasEnded = true;
    await this.#starting?.catch(() => {});
    this.#state = 'stopped';
    const ends = await Promise.allSettled(this.#processes.map((process) => process.end()));
    const failed = ends.find((end) => end.status === 'rejected');
    if (failed) throw failed.reason;
  }

  async #start(): Promise<void> {
    // One that was stopped may still have its endpoint: its last words wait for the network.
    this.#processes.at(-1)?.kill();
    const process = new ServerProcess(this.#options);
    this.#processes.push(process);
    this.#state = 'starting';
    try {
      await process.start();
      this.#state = 'running';
    } catch (error) {
      this.#state = 'killed';
      throw error;
    }
  }

  get #process(): ServerProcess {
    const process = this.#processes.at(-1);
    if (!process) throw new Error(`server(${this.number}) was never started.`);
    return process;
  }

  /** @throws Error unless there is a process to which something can happen */
  #running(): ServerProcess {
    if (this.#state === 'running' || this.#state === 'stopping') return this.#process;
    const instead = this.#hasEnded ? 'the testbed is closed' : INSTEAD[this.#state];
    throw new Error(`server(${this.number}) does not run: ${instead}.`);
  }
}

const INSTEAD = {
  starting: 'it is starting, await restart() first',
  stopped: 'it was stopped, restart() it first',
  killed: 'it was killed, restart() it first',
};

/** The compiler says if one is missing. */
const REASONS = Object.keys({
  busy: true,
  draining: true,
  expired: true,
  unready: true,
  'may-have-run': true,
} satisfies Record<RefusalReason, true>);
