import { setTimeout as delay } from 'node:timers/promises';
import { FakeApiServer } from './fake-api-server.js';
import { Pod } from './pod.js';

const REPLICAS = 3;

/** `terminationGracePeriodSeconds`, in ms. */
const GRACE_MS = 30_000;

/** How long a change takes to get to the client, in ms. */
const LAG_MS = 100;

/** How many customers order at the same time. */
const CUSTOMERS = 8;

const api = new FakeApiServer({ namespace: 'shop', service: 'orders' });
const pods: Pod[] = [];
const slices = new Map<string, number>();
let started = 0;

/** A rolling update without a cluster: pods are processes, and the API server is a fake. */
async function main(): Promise<void> {
  const url = await api.listen();
  const orders = await Promise.all(Array.from({ length: REPLICAS }, startOrders));
  const shop = start('shop', 'shop.js', { DISCOVERY: 'slices', KUBERNETES_API: url });
  const customers = new Customers((await shop.ready()).url);
  await customers.placed(100);
  for (const old of orders) {
    const next = await startOrders();
    console.log(`${next.name} is ready, ${old.name} leaves`);
    announce(old, false);
    await Promise.all([old.terminate(GRACE_MS), delay(LAG_MS)]);
    api.delete(old.name);
    await customers.placedAt(next.name);
  }
  const { placed, failed } = await customers.leave();
  console.log(`${placed} orders were placed, ${failed.length} failed ${failed[0] ?? ''}`.trim());
  process.exitCode = failed.length > 0 ? 1 : 0;
}

function start(name: string, script: string, env: Readonly<Record<string, string>>): Pod {
  const pod = new Pod(name, script, env);
  pods.push(pod);
  return pod;
}

async function startOrders(): Promise<Pod> {
  const pod = start(`orders-${++started}`, 'orders.js', { BIND: 'tcp://127.0.0.1:*' });
  const { endpoint = '' } = await pod.ready();
  slices.set(pod.name, Number(new URL(endpoint).port));
  announce(pod, true);
  return pod;
}

/** Here each pod has an EndpointSlice of its own, since each has another port. */
function announce({ name }: Pod, ready: boolean): void {
  const port = slices.get(name) ?? 0;
  api.set(name, { port, pods: { [name]: { address: '127.0.0.1', ready } } });
}

/** They order on and on, over HTTP. */
class Customers {
  #placed = 0;
  readonly #failed: string[] = [];
  readonly #places = new Set<string>();
  readonly #all: Promise<void>[];
  #haveLeft = false;

  constructor(private readonly shop: string) {
    this.#all = Array.from({ length: CUSTOMERS }, () => this.#order());
  }

  async placed(count: number): Promise<void> {
    while (this.#placed + this.#failed.length < count) await delay(10);
  }

  /** Resolves once that pod has answered a further order. */
  async placedAt(pod: string): Promise<void> {
    this.#places.clear();
    while (!this.#places.has(pod) && this.#failed.length === 0) await delay(10);
  }

  async leave(): Promise<{ placed: number; failed: readonly string[] }> {
    this.#haveLeft = true;
    await Promise.all(this.#all);
    return { placed: this.#placed, failed: this.#failed };
  }

  async #order(): Promise<void> {
    while (!this.#haveLeft) {
      const response = await fetch(`${this.shop}/orders/book`, { method: 'POST' });
      const text = await response.text();
      if (response.ok) {
        this.#placed++;
        this.#places.add((JSON.parse(text) as { placedAt: string }).placedAt);
      } else {
        this.#failed.push(`${response.status} ${text}`);
        await delay(10);
      }
    }
  }
}

try {
  await main();
} finally {
  for (const pod of pods) pod.kill();
  api.close();
}
