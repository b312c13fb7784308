import { Child } from '../processes/child.js';
import type { BrokerDeeds } from '../processes/deeds.js';
import type { Watch } from '../run/watch.js';
import { type BrokerName, BROKERS } from './registry.js';

/** The brokers of a run, each started once for all rounds, as brokers run for months in practice. */
export class Brokers {
  readonly #watch: Watch;
  readonly #children: Child<BrokerDeeds>[] = [];
  readonly #addresses = new Map<BrokerName, string>();

  constructor(watch: Watch) {
    this.#watch = watch;
  }

  async start(broker: BrokerName): Promise<void> {
    const { command } = BROKERS[broker];
    const child = new Child<BrokerDeeds>(command, './broker-process.js', this.#watch);
    this.#children.push(child);
    this.#addresses.set(broker, await child.ask('start', { broker }));
  }

  /** Empty for subjects without a broker. */
  addressOf(broker: BrokerName | undefined): string {
    return (broker && this.#addresses.get(broker)) ?? '';
  }

  async end(): Promise<void> {
    await Promise.all(this.#children.map((child) => child.letGo()));
  }
}
