import { Child } from '../processes/child.js';
import type { ClientDeeds, ServerDeeds } from '../processes/deeds.js';
import type { Memory } from '../processes/memory.js';
import type { Cell, Setup } from '../scenarios/scenario.js';
import { type SubjectName, SUBJECTS } from '../subjects/registry.js';
import type { Times } from './pace.js';
import type { CrowdReading, Reading } from './reading.js';
import { Tap } from './tap.js';
import type { Watch } from './watch.js';

/** The processes of one subject. */
export class Group {
  readonly #subject: SubjectName;
  readonly #setup: Setup;
  readonly #watch: Watch;
  readonly #client: Child<ClientDeeds>;
  readonly #servers: readonly Child<ServerDeeds>[];
  readonly #crowd: readonly Child<ClientDeeds>[];
  #tap: Tap | undefined;
  #memoryBefore: Memory | undefined;

  constructor(subject: SubjectName, setup: Setup, watch: Watch) {
    this.#subject = subject;
    this.#setup = setup;
    this.#watch = watch;
    this.#client = new Child(`the client of ${subject}`, './client-process.js', watch);
    const servers = SUBJECTS[subject].isOneProcess ? 0 : setup.serverProcesses;
    this.#servers = Array.from(
      { length: servers },
      () => new Child(`a server of ${subject}`, './server-process.js', watch),
    );
    this.#crowd = Array.from(
      { length: setup.crowd?.processes ?? 0 },
      () => new Child(`a crowd of ${subject}`, './client-process.js', watch),
    );
  }

  /** Starts the servers and connects the clients. */
  async start(broker: string): Promise<void> {
    const subject = this.#subject;
    const { serversPerProcess, clients } = this.#setup;
    const [started] = await Promise.all([
      this.#askServers((server) =>
        server.ask('serve', { subject, broker, servers: serversPerProcess }),
      ),
      ...[this.#client, ...this.#crowd].map((client) => client.ask('load', { subject })),
    ]);
    const servers = await this.#tapped(started.flat());
    await this.#client.ask('connect', { subject, servers, clients });
    await this.#gather(servers);
  }

  /** The load continues from the warm-up into the measurement, so that nothing cools down in between. */
  async measure(scenario: string, { name: cell }: Cell, times: Times): Promise<Reading> {
    await this.#client.ask('begin', { scenario, cell });
    await this.#watch.pause(times.warmUp);
    this.#tap?.mark();
    await Promise.all([this.#client.ask('mark'), this.#askServers((server) => server.ask('mark'))]);
    await this.#watch.pause(times.measured);
    const client = await this.#client.ask('read');
    const servers = await this.#askServers((server) => server.ask('read'));
    const wire = this.#tap?.read();
    const crowd = await this.#crowdReading();
    await this.#client.ask('end');
    return {
      counts: client.counts,
      client: client.usage,
      servers,
      wire,
      crowd,
      restRss: {
        client: await this.#client.ask('rest'),
        servers: await this.#askServers((server) => server.ask('rest')),
      },
    };
  }

  async end(): Promise<void> {
    // The client first: if its servers left first, it would look for them and log that.
    await Promise.all([this.#client, ...this.#crowd].map((client) => client.letGo()));
    this.#tap?.close();
    await Promise.all(this.#servers.map((server) => server.letGo()));
  }

  async #gather(servers: readonly string[]): Promise<void> {
    const { crowd } = this.#setup;
    if (!crowd) return;
    this.#memoryBefore = await this.#serverMemory();
    const input = { subject: this.#subject, servers, clients: crowd.clientsPerProcess };
    await Promise.all(this.#crowd.map((client) => client.ask('connect', input)));
  }

  async #crowdReading(): Promise<CrowdReading | undefined> {
    const { crowd } = this.#setup;
    if (!crowd || !this.#memoryBefore) return undefined;
    return {
      clients: crowd.processes * crowd.clientsPerProcess,
      before: this.#memoryBefore,
      after: await this.#serverMemory(),
    };
  }

  async #serverMemory(): Promise<Memory> {
    const all = await this.#askServers((server) => server.ask('memory'));
    const sumOf = (part: keyof Memory) => all.reduce((sum, memory) => sum + memory[part], 0);
    return { live: sumOf('live'), rss: sumOf('rss') };
  }

  #askServers<R>(ask: (server: Child<ServerDeeds>) => Promise<R>): Promise<R[]> {
    return Promise.all(this.#servers.map(ask));
  }

  async #tapped([first, ...others]: readonly string[]): Promise<string[]> {
    if (first === undefined) return [];
    if (!this.#setup.isTapped) return [first, ...others];
    this.#tap = new Tap(first);
    return [await this.#tap.listen(), ...others];
  }
}
