import { SpanKind } from '@opentelemetry/api';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { Child } from '../support/child.js';
import { eventually } from '../support/eventually.js';

interface Span {
  readonly service: string;
  readonly name: string;
  readonly kind: SpanKind;
  readonly id: string;
  readonly traceId: string;
  readonly parentId?: string;
  readonly attributes: Record<string, unknown>;
  readonly events: readonly { name: string; attributes: Record<string, unknown> }[];
  readonly links: readonly string[];
}

/** Processes whose spans are gathered. */
class Services implements AsyncDisposable {
  readonly #children = new Map<string, Child>();
  readonly #spans: Span[] = [];
  readonly #reserving: string[] = [];

  /** @returns its addresses */
  async start(role: string, name: string, endpoints: readonly string[] = []): Promise<string[]> {
    const child = Child.node('traced', role, name, ...endpoints);
    this.#children.set(name, child);
    const listening = new Promise<string[]>((resolve, reject) => {
      const read = async () => {
        for (;;) {
          const line = (await child.nextLine()) as {
            endpoints?: string[];
            span?: Span;
            reserving?: string;
          };
          if (line.endpoints) resolve(line.endpoints);
          if (line.span) this.#spans.push(line.span);
          if (line.reserving) this.#reserving.push(line.reserving);
        }
      };
      // It rejects when the process ends, which is late enough for all but one that does not start.
      read().catch(reject);
    });
    return listening;
  }

  /** Resolves once one more call that will not be answered has reached a server. */
  nextHanging(): Promise<void> {
    const before = this.#reserving.length;
    return eventually(() => expect(this.#reserving.length).toBeGreaterThan(before));
  }

  kill(name: string): Promise<void> | undefined {
    return this.#children.get(name)?.kill();
  }

  /** The spans of the one trace that began with that request, once there are so many. */
  trace(path: string, count: number): Promise<Trace> {
    return eventually(() => {
      const root = this.#spans.find(
        ({ attributes }) => attributes['url.path'] === path || attributes['http.target'] === path,
      );
      const spans = this.#spans.filter(({ traceId }) => traceId === root?.traceId);
      expect(spans.map(({ service, name }) => `${service}: ${name}`)).toHaveLength(count);
      return new Trace(spans, root);
    });
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await Promise.all([...this.#children.values()].map((child) => child.kill()));
  }
}

class Trace {
  readonly #spans: readonly Span[];

  constructor(
    spans: readonly Span[],
    readonly root: Span | undefined,
  ) {
    this.#spans = spans;
  }

  named(name: string, kind: SpanKind): Span[] {
    return this.#spans.filter((span) => span.name === name && span.kind === kind);
  }

  /** The names of a span and its ancestors, each with its service, from the root. */
  pathOf(span: Span | undefined): string[] {
    if (!span) return [];
    const parent = this.#spans.find(({ id }) => id === span.parentId);
    return [...this.pathOf(parent), `${span.service} ${SpanKind[span.kind]} ${span.name}`];
  }
}

const services = new Services();
let gateway = '';

beforeAll(async () => {
  const stock = [
    await services.start('stock', 'stock-1'),
    await services.start('stock', 'stock-2'),
  ];
  const orders = await services.start('orders', 'orders', stock.flat());
  [gateway = ''] = await services.start('gateway', 'gateway', orders);
});

afterAll(() => services[Symbol.asyncDispose]());

const get = async (path: string) => (await fetch(gateway + path)).text();

/** How each trace begins. */
const ORDER = [
  'gateway SERVER GET',
  'gateway CLIENT order',
  'gateway CLIENT Attempt.order',
  'orders SERVER order',
];

describe('a request through a gateway and two services is one trace', () => {
  test('of a stream, a broadcast and an event', async () => {
    expect(JSON.parse(await get('/order/plain'))).toEqual({ levels: [1, 2, 3], refreshed: 2 });
    const trace = await services.trace('/order/plain', 4 + 3 + 5 + 3);
    const [levels] = trace.named('levels', SpanKind.SERVER);
    expect(trace.pathOf(levels)).toEqual([
      ...ORDER,
      'orders CLIENT levels',
      'orders CLIENT Attempt.levels',
      'stock-1 SERVER levels',
    ]);
    const refreshed = trace.named('refresh', SpanKind.SERVER);
    expect(new Set(refreshed.map(({ service }) => service))).toEqual(
      new Set(['stock-1', 'stock-2']),
    );
    for (const span of refreshed) {
      expect(trace.pathOf(span).slice(0, -1)).toEqual([
        ...ORDER,
        'orders CLIENT refresh',
        'orders CLIENT Attempt.refresh',
      ]);
    }
    const [reserved] = trace.named('reserved', SpanKind.SERVER);
    expect(trace.pathOf(reserved)).toEqual([
      ...ORDER,
      'orders CLIENT reserved',
      'orders CLIENT Attempt.reserved',
      'stock-1 SERVER reserved',
    ]);
    expect(reserved?.links).toEqual([reserved?.parentId]);
  });

  test('of a hedged call', async () => {
    expect(await get('/order/hedge')).toBe('stock-2');
    // The loser's SERVER span ends when its handler is told to stop.
    const trace = await services.trace('/order/hedge', 4 + 3 + 2);
    const [call] = trace.named('reserve', SpanKind.CLIENT);
    expect(call?.events.map(({ name }) => name)).toEqual(['hedge']);
    const outcomes = trace
      .named('Attempt.reserve', SpanKind.CLIENT)
      .map(({ attributes }) => [
        attributes['freelance.server.id'],
        attributes['freelance.attempt.outcome'],
      ]);
    expect(Object.fromEntries(outcomes)).toEqual({ 'stock-1': 'outrun', 'stock-2': 'completed' });
  });

  // The last one: a server is killed.
  test('of a call whose server is killed, with an attempt at each server and the event retry', async () => {
    const hanging = services.nextHanging();
    const answer = get('/order/failover');
    await hanging;
    await services.kill('stock-1');
    expect(await answer).toBe('stock-2');
    const trace = await services.trace('/order/failover', 4 + 3 + 1);
    const [call] = trace.named('reserve', SpanKind.CLIENT);
    expect(call?.events).toMatchObject([
      {
        name: 'retry',
        attributes: { 'freelance.attempt.number': 2, 'freelance.previous.outcome': 'lost' },
      },
    ]);
    const attempts = trace.named('Attempt.reserve', SpanKind.CLIENT);
    expect(
      attempts.map(({ attributes }) => [
        attributes['freelance.server.id'],
        attributes['previous-rpc-attempts'],
        attributes['freelance.attempt.outcome'],
      ]),
    ).toEqual([
      ['stock-1', 0, 'lost'],
      ['stock-2', 1, 'completed'],
    ]);
    const [handled] = trace.named('reserve', SpanKind.SERVER);
    expect(handled?.parentId).toBe(attempts[1]?.id);
    expect(trace.pathOf(handled)).toEqual([
      ...ORDER,
      'orders CLIENT reserve',
      'orders CLIENT Attempt.reserve',
      'stock-2 SERVER reserve',
    ]);
  });
});
