import type { INestMicroservice } from '@nestjs/common';
import type { ServerAgent } from '../agents/server/server-agent.js';
import { badOptions } from '../nest/options/bad-options.js';
import { shown } from '../nest/options/shown.js';
import { FreelanceTransportServer } from '../nest/server/freelance-transport-server.js';
import { Faults } from './faults/faults.js';
import { FaultySockets } from './faults/faulty-sockets.js';
import { ProcessClock } from './faults/process-clock.js';
import type { ResolvedTestbedOptions } from './testbed-options.js';
import type { TestbedTime } from './time/testbed-time.js';

export interface ServerProcessOptions extends Pick<ResolvedTestbedOptions, 'createApp' | 'server'> {
  readonly number: number;
  readonly serverId: string;
  readonly endpoint: string;
  readonly time: Pick<TestbedTime, 'environment' | 'sockets'>;
}

/** One life of a server, as a process of its own would have it: from the start of an application to its end. */
export class ServerProcess {
  readonly strategy: FreelanceTransportServer;
  readonly faults: Faults;
  readonly #options: ServerProcessOptions;
  readonly #sockets: FaultySockets;
  #agent: Pick<ServerAgent, 'close'> | undefined;
  #app: INestMicroservice | undefined;
  #closing: Promise<void> | undefined;
  readonly #killed: Promise<void>;
  #tellKilled = () => {};

  constructor(options: ServerProcessOptions) {
    const { serverId, endpoint, server, time } = options;
    const { clock } = time.environment;
    const faults = new Faults(serverId, clock);
    const sockets = new FaultySockets(time.sockets, faults);
    this.#killed = new Promise((resolve) => (this.#tellKilled = resolve));
    this.#options = options;
    this.faults = faults;
    this.#sockets = sockets;
    this.strategy = new FreelanceTransportServer(
      { ...server, bind: endpoint, serverId },
      {
        environment: { ...time.environment, clock: new ProcessClock(clock, faults.process) },
        socketsOf: () => sockets,
        serverOpened: (agent) => (this.#agent = agent),
      },
    );
  }

  /** Undefined until it is made. */
  get app(): INestMicroservice | undefined {
    return this.#app;
  }

  /** @throws what the application fails with; what was started then has ended */
  async start(): Promise<void> {
    const { createApp, number } = this.#options;
    const app: unknown = await createApp(this.strategy, number);
    if (!isApp(app)) throw badOptions(notAnApp(number, app));
    this.#app = app;
    try {
      if (this.strategy.endpoints.length === 0) await app.listen();
      if (this.strategy.endpoints.length === 0) throw new Error(notItsStrategy(number));
    } catch (error) {
      // What its hooks throw, of an application that was never whole, explains nothing.
      await this.end().catch(() => {});
      throw error;
    }
  }

  /** Ends all connections. What still runs is heard of no more, and nobody tells it: neither hooks nor signals run. */
  kill(): void {
    this.#sockets.cut();
    this.#tellKilled();
  }

  /**
   * Drains, and closes the application.
   *
   * @returns resolves once that is done, or it is killed meanwhile
   * @throws what its hooks throw
   */
  stop(): Promise<void> {
    return Promise.race([this.#close(), this.#killed]);
  }

  /** Closes the application without a drain, in whatever state the server is. @throws what its hooks throw */
  end(): Promise<void> {
    this.#sockets.cut();
    this.#agent?.close();
    return this.#close();
  }

  #close(): Promise<void> {
    this.#closing ??= this.#app?.close() ?? Promise.resolve();
    return this.#closing;
  }
}

function isApp(value: unknown): value is INestMicroservice {
  if (typeof value !== 'object' || value === null) return false;
  const { listen, close } = value as Partial<INestMicroservice>;
  return typeof listen === 'function' && typeof close === 'function';
}

function notAnApp(number: number, given: unknown): string {
  return (
    `server(${number}): createApp must return an application, as createNestMicroservice makes it, but returned ` +
    shown(given)
  );
}

function notItsStrategy(number: number): string {
  return (
    `server(${number}) does not listen: the application that createApp returns must use the strategy that it gets, ` +
    'as in `createNestMicroservice({ strategy })`.'
  );
}
