import type { LatencyStats } from '../agents/call-stats.js';
import type { Labels, Metric, Reading } from './metric.js';

/** As prom-client's `Histogram` has them: labels that many samples share are written as text once. */
interface Sample {
  readonly labels: Readonly<Record<string, string | number>>;
  readonly sharedLabels: Labels;
  readonly value: number;
  /** That of the metric, unless it is a part of a histogram. */
  readonly metricName?: string;
}

/** The names of the clients or servers that a registry collects, and their statistics at this moment. */
export type TakeStats<Stats> = () => Iterable<readonly [source: string, stats: Stats]>;

/**
 * A metric as prom-client's `Registry` takes it: an object with `get`, like those that its own `AggregatorRegistry` makes. Its
 * classes count what they are told; this one tells what clients and servers have counted.
 */
export class MetricFamily<Stats> {
  /** The registry takes the end off the name of a counter when it writes OpenMetrics, and adds it to its samples. */
  name: string;
  readonly help: string;
  readonly type: string;
  readonly aggregator: string;
  readonly #label: string;
  readonly #read: Metric<Stats>['read'];
  readonly #takeStats: TakeStats<Stats>;

  /** @param label of the source */
  constructor(metric: Metric<Stats>, label: string, takeStats: TakeStats<Stats>) {
    const { name, help, type, aggregator, read } = metric;
    this.name = name;
    this.help = help;
    this.type = type;
    this.aggregator = aggregator;
    this.#label = label;
    this.#read = read;
    this.#takeStats = takeStats;
  }

  /** For `registry.getMetricsAsJSON()`. */
  get(): Promise<unknown> {
    return this.#with(({ labels, sharedLabels, ...sample }) => ({
      ...sample,
      labels: { ...sharedLabels, ...labels },
    }));
  }

  /** For `registry.metrics()`. */
  getForPromString(): Promise<unknown> {
    return this.#with((sample) => sample);
  }

  /** For `registry.resetMetrics()`. What clients and servers have counted cannot be reset. */
  reset(): void {}

  /** @param write how a sample is handed over */
  async #with(write: (sample: Sample) => unknown): Promise<unknown> {
    const { name, help, type, aggregator } = this;
    return { name, help, type, aggregator, values: this.#samples().map(write) };
  }

  #samples(): Sample[] {
    const samples: Sample[] = [];
    for (const [source, stats] of this.#takeStats())
      for (const reading of this.#read(stats)) samples.push(...this.#samplesOf(source, reading));
    return samples;
  }

  #samplesOf(source: string, [labels, value]: Reading): Sample[] {
    const sharedLabels = { [this.#label]: source, ...labels };
    if (typeof value === 'number') return [{ labels: NO_LABELS, sharedLabels, value }];
    return histogramSamples(this.name, sharedLabels, value);
  }
}

function histogramSamples(name: string, sharedLabels: Labels, latency: LatencyStats): Sample[] {
  const { buckets, count, sumMs } = latency;
  const bucket = (le: number | string, value: number): Sample => ({
    metricName: `${name}_bucket`,
    labels: { le },
    sharedLabels,
    value,
  });
  return [
    ...buckets.map(({ leMs, count: soMany }) => bucket(leMs / 1000, soMany)),
    bucket('+Inf', count),
    { metricName: `${name}_sum`, labels: NO_LABELS, sharedLabels, value: sumMs / 1000 },
    { metricName: `${name}_count`, labels: NO_LABELS, sharedLabels, value: count },
  ];
}

const NO_LABELS: Labels = {};
