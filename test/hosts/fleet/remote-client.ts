import { setTimeout as delay } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { Child } from '../../support/child.js';
import type { NetworkHost } from '../network/network.js';
import type { ClientArguments, ClientOrder, ClientReport, LoadReport } from './messages.js';

const PROGRAM = fileURLToPath(new URL('client.js', import.meta.url));

/** How often a client is asked for what one waits for, in ms. The times that it tells do not depend on it. */
const POLL_MS = 50;

/** What does not happen by then never will, on however busy a machine, in ms. */
const PATIENCE_MS = 60_000;

/** A client in a process of its own on a host, which calls from its start to its end. */
export class RemoteClient implements AsyncDisposable {
  #said: Promise<unknown> = Promise.resolve();

  private constructor(
    readonly host: NetworkHost,
    private readonly process: Child,
    /** The number of its load of calls that may not run twice. */
    readonly atMostOnce: number,
  ) {}

  /** Resolves once the client is connected to a server. */
  static async start(host: NetworkHost, options: ClientArguments): Promise<RemoteClient> {
    const line = host.namespace.inside(process.execPath, PROGRAM, JSON.stringify(options));
    const child = new Child(line.command, line.args);
    await child.nextLine();
    return new RemoteClient(host, child, options.loads[1].number);
  }

  /** What the client tells as `since` begins anew. @returns when, as `Date.now()` */
  mark(): Promise<number> {
    return this.#ask({ order: 'mark' }) as Promise<number>;
  }

  report(): Promise<ClientReport> {
    return this.#ask({ order: 'report' }) as Promise<ClientReport>;
  }

  /** Makes no more calls. Resolves once the last has ended. */
  stop(): Promise<ClientReport> {
    return this.#ask({ order: 'stop' }) as Promise<ClientReport>;
  }

  /**
   * Resolves with the first report that holds.
   *
   * @throws Error with the last report if none does
   */
  async until(
    what: string,
    holds: (first: LoadReport, report: ClientReport) => boolean,
  ): Promise<ClientReport> {
    const patience = performance.now() + PATIENCE_MS;
    for (;;) {
      const report = await this.report();
      if (holds(report.loads[0], report)) return report;
      if (performance.now() > patience) {
        throw new Error(`not within ${PATIENCE_MS} ms: ${what}; ${JSON.stringify(report)}`);
      }
      await delay(POLL_MS);
    }
  }

  /** Resolves once each of these servers has answered a call since the mark. */
  answeredBy(...serverIds: string[]): Promise<ClientReport> {
    return this.until(`answers of ${serverIds.join(', ')}`, ({ since }) =>
      serverIds.every((id) => since.servers[id]),
    );
  }

  /** One order after the other: answers come in the order of questions. */
  #ask(order: ClientOrder): Promise<unknown> {
    const answer = this.#said.then(() => {
      this.process.tell(order);
      return this.process.nextLine();
    });
    this.#said = answer.catch(() => {});
    return answer;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.process.kill();
  }
}
