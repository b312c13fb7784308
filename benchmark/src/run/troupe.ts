import { Child } from '../processes/child.js';
import type { ClientDeeds, ServerDeeds } from '../processes/deeds.js';
import type { Cast, Cell } from '../scenarios/scenario.js';
import { type SubjectName, SUBJECTS } from '../subjects/registry.js';
import type { Watch } from './watch.js';
import type { Reading } from './reading.js';

export interface Times {
  readonly warmUp: number;
  readonly measured: number;
}

/** The processes of one subject, which play the cells of a scenario. */
export class Troupe {
  readonly #watch: Watch;
  readonly #client: Child<ClientDeeds>;
  readonly #servers: Child<ServerDeeds>[] = [];

  constructor(
    readonly subject: SubjectName,
    watch: Watch,
    { serverProcesses }: Cast,
  ) {
    this.#watch = watch;
    const died = (error: Error) => watch.fail(error);
    this.#client = new Child(`the client of ${subject}`, './client-process.js', died);
    if (SUBJECTS[subject].isOneProcess) return;
    for (let server = 0; server < serverProcesses; server++) {
      this.#servers.push(new Child(`a server of ${subject}`, './server-process.js', died));
    }
  }

  async gather(broker: string, { serversPerProcess: servers, clients }: Cast): Promise<void> {
    const { subject } = this;
    const found: string[] = [];
    for (const server of this.#servers) {
      found.push(...(await this.#watch.until(server.ask('serve', { subject, broker, servers }))));
    }
    await this.#watch.until(this.#client.ask('connect', { subject, servers: found, clients }));
  }

  /** The load runs on from warm-up to measuring: no pause lets anything cool down. */
  async play(scenario: string, cell: Cell, { warmUp, measured }: Times): Promise<Reading> {
    await this.#watch.until(this.#client.ask('begin', { scenario, cell: cell.name }));
    await this.#watch.pause(warmUp);
    const marked = this.#servers.map((server) => server.ask('mark'));
    await this.#watch.until(Promise.all([this.#client.ask('mark'), ...marked]));
    await this.#watch.pause(measured);
    const { usage, counts } = await this.#watch.until(this.#client.ask('read'));
    const servers = await this.#allServers((server) => server.ask('read'));
    await this.#watch.until(this.#client.ask('end'));
    return {
      counts,
      client: usage,
      servers,
      clientRestRss: await this.#watch.until(this.#client.ask('rest')),
      serverRestRss: await this.#allServers((server) => server.ask('rest')),
    };
  }

  async part(): Promise<void> {
    await Promise.all([this.#client, ...this.#servers].map((child) => child.letGo()));
  }

  #allServers<R>(ask: (child: Child<ServerDeeds>) => Promise<R>): Promise<R[]> {
    return this.#watch.until(Promise.all(this.#servers.map(ask)));
  }
}
