import { badOptions } from '../nest/options/bad-options.js';
import type { Metric } from './metric.js';
import { MetricFamily } from './metric-family.js';

/** What is needed of prom-client's `Registry`. */
export interface MetricRegistry {
  registerMetric(metric: object): void;
  removeSingleMetric(name: string): void;
  getSingleMetric(name: string): object | undefined;
}

/** Clients or servers by their names. */
export type Sources<Stats> = ReadonlyMap<string, { stats(): Stats }>;

/** What metrics there are of one kind of source, and the label that names the source. */
export interface Kind<Stats> {
  readonly label: 'client' | 'server';
  readonly metrics: readonly Metric<Stats>[];
}

/** The clients, or the servers, that one registry collects. Its metrics are registered while there are some. */
export class Collection<Stats> {
  readonly #registry: MetricRegistry;
  readonly #kind: Kind<Stats>;
  /** By the names under which they are registered. */
  readonly #families: ReadonlyMap<string, MetricFamily<Stats>>;
  readonly #sources = new Map<string, { stats(): Stats }>();
  #taken: (readonly [source: string, stats: Stats])[] | undefined;

  constructor(registry: MetricRegistry, kind: Kind<Stats>) {
    const { label, metrics } = kind;
    const takeStats = () => this.#takeStats();
    this.#registry = registry;
    this.#kind = kind;
    this.#families = new Map(
      metrics.map((metric) => [metric.name, new MetricFamily(metric, label, takeStats)]),
    );
  }

  /** Whether the registry has its metrics. A user may remove some of them; `registry.clear()` removes all. */
  get isRegistered(): boolean {
    return [...this.#families].some(([name, family]) => this.#has(name, family));
  }

  /** @throws FreelanceError `BAD_OPTIONS` if the registry has other metrics of such a name */
  register(): void {
    const taken = [...this.#families.keys()].find((name) => this.#registry.getSingleMetric(name));
    if (taken !== undefined)
      throw badOptions(
        `freelanceCollector: the registry has a metric ${taken} already, which this collector did not register: another ` +
          'version of nestjs-freelance did, or the application. Remove it, or pass another registry',
      );
    for (const family of this.#families.values()) this.#registry.registerMetric(family);
  }

  /** @throws FreelanceError `BAD_OPTIONS` if it has a source of such a name */
  add(sources: Sources<Stats>): void {
    const { label } = this.#kind;
    const known = [...sources.keys()].find((name) => this.#sources.has(name));
    if (known !== undefined)
      throw badOptions(
        `freelanceCollector: this registry collects a ${label} named ${JSON.stringify(known)} already. Call stop() on the ` +
          'collector that has it, or choose another name',
      );
    for (const [name, source] of sources) this.#sources.set(name, source);
  }

  remove(sources: Sources<Stats>): void {
    for (const [name, source] of sources)
      if (this.#sources.get(name) === source) this.#sources.delete(name);
    if (this.#sources.size > 0) return;
    for (const [name, family] of this.#families)
      if (this.#has(name, family)) this.#registry.removeSingleMetric(name);
  }

  #has(name: string, family: MetricFamily<Stats>): boolean {
    return this.#registry.getSingleMetric(name) === family;
  }

  /** A registry asks all metrics in one turn: they share one look at the statistics, and nothing is kept after it. */
  #takeStats(): (readonly [source: string, stats: Stats])[] {
    if (!this.#taken) {
      this.#taken = [...this.#sources].map(([name, source]) => [name, source.stats()]);
      void Promise.resolve().then(() => (this.#taken = undefined));
    }
    return this.#taken;
  }
}

/** The collections of one kind, one for each registry. */
export class Collections<Stats> {
  readonly #kind: Kind<Stats>;
  readonly #byRegistry = new WeakMap<MetricRegistry, Collection<Stats>>();

  constructor(kind: Kind<Stats>) {
    this.#kind = kind;
  }

  /**
   * @returns removes them again
   * @throws FreelanceError `BAD_OPTIONS` if the registry has such sources or metrics already
   */
  add(registry: MetricRegistry, sources: Sources<Stats>): () => void {
    if (sources.size === 0) return () => {};
    const collection = this.#in(registry);
    collection.add(sources);
    return () => collection.remove(sources);
  }

  #in(registry: MetricRegistry): Collection<Stats> {
    const known = this.#byRegistry.get(registry);
    if (known?.isRegistered) return known;
    const collection = new Collection(registry, this.#kind);
    collection.register();
    this.#byRegistry.set(registry, collection);
    return collection;
  }
}
