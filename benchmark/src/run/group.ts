import { Child } from '../processes/child.js';
import type { ClientDeeds, ServerDeeds } from '../processes/deeds.js';
import type { Cell, Setup } from '../scenarios/scenario.js';
import { type SubjectName, SUBJECTS } from '../subjects/registry.js';
import type { Times } from './pace.js';
import type { Reading } from './reading.js';
import { Tap } from './tap.js';
import type { Watch } from './watch.js';

/** The processes of one subject. */
export class Group {
  readonly #subject: SubjectName;
  readonly #setup: Setup;
  readonly #watch: Watch;
  readonly #client: Child<ClientDeeds>;
  readonly #servers: readonly Child<ServerDeeds>[];
  #tap: Tap | undefined;

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
  }

  /** Starts the servers, and connects the clients to them. */
  async start(broker: string): Promise<void> {
    const subject = this.#subject;
    const { serversPerProcess, clients } = this.#setup;
    const [started] = await Promise.all([
      this.#askServers((server) =>
        server.ask('serve', { subject, broker, servers: serversPerProcess }),
      ),
      this.#client.ask('load', { subject }),
    ]);
    const servers = await this.#tapped(started.flat());
    await this.#client.ask('connect', { subject, servers, clients });
  }

  /** The load runs on from the warm-up into what is measured: nothing cools down between. */
  async measure(scenario: string, { name: cell }: Cell, times: Times): Promise<Reading> {
    await this.#client.ask('begin', { scenario, cell });
    await this.#watch.pause(times.warmUp);
    this.#tap?.mark();
    await Promise.all([this.#client.ask('mark'), this.#askServers((server) => server.ask('mark'))]);
    await this.#watch.pause(times.measured);
    const client = await this.#client.ask('read');
    const servers = await this.#askServers((server) => server.ask('read'));
    const wire = this.#tap?.read();
    await this.#client.ask('end');
    return {
      counts: client.counts,
      client: client.usage,
      servers,
      wire,
      restRss: {
        client: await this.#client.ask('rest'),
        servers: await this.#askServers((server) => server.ask('rest')),
      },
    };
  }

  async end(): Promise<void> {
    // The client first: one whose servers leave would look for them, and log it.
    await this.#client.letGo();
    this.#tap?.close();
    await Promise.all(this.#servers.map((server) => server.letGo()));
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
