import type { EndpointDiscovery } from '../../lib/core/endpoint-discovery.js';
import type { ServerTarget } from '../../lib/core/server-target.js';
import type { DiscoveryDeps } from '../../lib/discovery/discovery-deps.js';
import { SharedWatches } from '../../lib/discovery/shared-watches.js';
import { settled } from './fake-discovery.js';
import { FakeFiles } from './fake-files.js';
import { FakeNames } from './fake-names.js';
import { ManualClock } from './manual-clock.js';

/** Someone who watches a discovery, without the pauses and checks of a client. */
export class Follower {
  readonly heard: string[] = [];
  /** The latest set. */
  targets: readonly (string | ServerTarget)[] = [];
  readonly #abort = new AbortController();
  readonly #refresh = new Set<() => void>();

  constructor(discovery: EndpointDiscovery) {
    void this.#follow(discovery);
  }

  /** What was heard since this was last called. */
  news(): string[] {
    return this.heard.splice(0);
  }

  refresh(): void {
    for (const listener of this.#refresh) listener();
  }

  async leave(): Promise<void> {
    this.#abort.abort();
    await settled();
  }

  async #follow(discovery: EndpointDiscovery): Promise<void> {
    const sets = discovery.watch({
      signal: this.#abort.signal,
      onRefresh: (listener) => {
        this.#refresh.add(listener);
        return () => void this.#refresh.delete(listener);
      },
      failed: (error) => this.heard.push(`failed: ${(error as Error).message}`),
      warn: (error) => this.heard.push(`warned: ${String(error)}`),
    });
    for await (const set of sets) {
      this.targets = set;
      this.heard.push(set.map(shownEntry).join(' '));
    }
    this.heard.push('ended');
  }
}

function shownEntry(entry: string | ServerTarget): string {
  return typeof entry === 'string' ? entry : entry.endpoint;
}

/** What discoveries are made of, under the test's control. Pauses are the longest there may be. */
export class DiscoveryBench {
  readonly clock = new ManualClock();
  readonly names = new FakeNames();
  readonly files = new FakeFiles();
  readonly watches = new SharedWatches();
  /** The name servers that were asked for. */
  readonly servers: (readonly string[] | undefined)[] = [];
  random = 0;
  readonly deps: DiscoveryDeps = {
    environment: { clock: this.clock, random: () => this.random },
    names: (servers) => {
      this.servers.push(servers);
      return this.names;
    },
    files: this.files,
    watches: this.watches,
  };

  /** Follows it, and lets the first answers come. */
  async follow(discovery: EndpointDiscovery): Promise<Follower> {
    const follower = new Follower(discovery);
    await this.settle();
    return follower;
  }

  async pass(ms: number): Promise<void> {
    this.clock.advance(ms);
    await this.settle();
  }

  async settle(): Promise<void> {
    for (let turn = 0; turn < 5; turn++) await settled();
  }
}
