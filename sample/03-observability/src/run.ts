import { once, EventEmitter } from 'node:events';
import { type FromService, Service } from './child.js';
import type { ToldSpan } from './span.js';
import { traceTree } from './trace-tree.js';

/** How long spans may take to arrive that end after the answer, in ms. */
const LATE_SPANS_MS = 10_000;

/** The metrics that the sample shows. */
const SHOWN_METRICS =
  /^freelance_(client_(calls_total|retries_total|attempt_errors_total|servers)|server_calls_total)\{/;

/** What Terminus answers, as far as it is shown. */
interface Health {
  readonly status: string;
  readonly info: { readonly stock: { readonly servers: Record<string, { state: string }> } };
}

/**
 * One order goes from the gateway to the orders to the stock, while the server of the stock that has it is killed. Says what
 * came of it, the trace, the metrics of the orders, and their health.
 */
export async function run(say: (line: string) => void): Promise<void> {
  const spans: ToldSpan[] = [];
  const heard = new EventEmitter();
  const hear = (message: FromService): void => {
    if ('span' in message) {
      spans.push(message.span);
      heard.emit('span', message.span);
    }
    if ('reserving' in message) heard.emit('reserving', message.reserving);
  };
  const services = new Map<string, Service>();
  const start = async (name: string, script: string, endpoints: readonly string[]) => {
    const service = new Service(name, script, endpoints, hear);
    services.set(name, service);
    return service.listens();
  };
  try {
    const stock = await Promise.all(
      ['stock-1', 'stock-2'].map((name) => start(name, 'stock.js', [])),
    );
    const [orders = '', operations = ''] = await start('orders', 'orders.js', stock.flat());
    const [gateway = ''] = await start('gateway', 'gateway.js', [orders]);

    const placed = fetch(`${gateway}/orders/book`, { method: 'POST' });
    const [victim] = (await once(heard, 'reserving')) as [string];
    services.get(victim)?.kill();
    say(`${victim} was killed while it had the order.`);
    const answer = await placed;
    say(`The gateway answers ${answer.status}: ${await answer.text()}`);

    const root = await spanOf(spans, heard, ({ parentId }) => parentId === undefined);
    say('');
    for (const line of traceTree(spans.filter(({ traceId }) => traceId === root.traceId)))
      say(line);
    say('');
    const metrics = await (await fetch(`${operations}/metrics`)).text();
    for (const line of metrics.split('\n')) if (SHOWN_METRICS.test(line)) say(line);
    say('');
    const health = await fetch(`${operations}/health`);
    const { status, info } = (await health.json()) as Health;
    const servers = Object.values(info.stock.servers).map(({ state }) => state);
    say(`Health: ${health.status} ${status}, servers of the stock: ${servers.join(', ')}`);
  } finally {
    for (const service of services.values()) service.kill();
  }
}

/** The span of which that is true, once it has ended: that of the gateway ends after its answer has been read. */
async function spanOf(
  spans: readonly ToldSpan[],
  heard: EventEmitter,
  isIt: (span: ToldSpan) => boolean,
): Promise<ToldSpan> {
  const signal = AbortSignal.timeout(LATE_SPANS_MS);
  for (;;) {
    const found = spans.find(isIt);
    if (found) return found;
    await once(heard, 'span', { signal });
  }
}
