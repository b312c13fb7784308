import type { ClientAgentOptions } from '../../lib/agents/client/client-agent-options.js';
import { p2c } from '../../lib/core/balancers/p2c.js';
import type { Request } from '../../lib/protocol/messages.js';
import { type CallOptions, ClientBench, type FakeServer } from './client-bench.js';

/** Answers a call after this many ms. */
export interface Manner {
  readonly afterMs: number;
  answer(server: FakeServer, request: Request): void;
}

export const works = (afterMs = 20): Manner => ({
  afterMs,
  answer: (server, request) => server.reply(request, 'ok'),
});

/** As Nest reports what a handler throws. */
export const fails = (message: string, afterMs = 1): Manner => ({
  afterMs,
  answer: (server, request) => server.reply(request, { status: 'error', message }, 'error'),
});

/** By a reply that no client can decode. */
export const garbles = (afterMs = 1): Manner => ({
  afterMs,
  answer: ({ connection }, request) => {
    if (request.dialect !== 'negotiated') throw new Error('a bench speaks the negotiated dialect');
    const headers = { status: 'last', type: 'json' } as const;
    connection.says({ ...NEGOTIATED, id: request.id, body: Buffer.from('{"cut'), headers });
  },
});

/** Never answers. */
export const hangs = (): Manner => ({ afterMs: Infinity, answer: () => {} });

const NEGOTIATED = { type: 'reply', dialect: 'negotiated' } as const;

/** Callers that call again as soon as they have an answer, at servers that each behave differently. */
export class FastFailures {
  readonly bench: ClientBench;
  readonly manners: Map<string, Manner>;
  readonly #replies: { dueAt: number; send: () => void }[] = [];
  readonly #calls: CallOptions;
  /** How many calls each server has received. */
  readonly served = new Map<string, number>();
  ended = 0;
  failed = 0;

  constructor(
    manners: Record<string, Manner>,
    options: Partial<ClientAgentOptions> = {},
    calls: CallOptions = {},
  ) {
    this.manners = new Map(Object.entries(manners));
    const endpoints = [...this.manners.keys()];
    this.bench = new ClientBench({ balancer: p2c, maxPending: 1000, endpoints, ...options });
    this.bench.up(...endpoints);
    this.#calls = calls;
  }

  get shareOfFailed(): number {
    return this.failed / this.ended;
  }

  /** Starts this many callers. */
  start(callers: number): this {
    for (let n = 0; n < callers; n++) this.#call();
    return this;
  }

  /** Lets time pass. */
  run(ms: number): this {
    const { clock } = this.bench;
    for (let passed = 0; passed < ms; passed++) {
      this.#take();
      clock.advance(1);
      for (const endpoint of this.manners.keys()) this.bench.server(endpoint).pong();
      const due = this.#replies.filter(({ dueAt }) => dueAt <= clock.now());
      for (const reply of due) this.#replies.splice(this.#replies.indexOf(reply), 1);
      for (const { send } of due) send();
    }
    return this;
  }

  #take(): void {
    for (const [endpoint, manner] of this.manners) {
      const server = this.bench.server(endpoint);
      for (const request of server.requests()) {
        this.served.set(endpoint, (this.served.get(endpoint) ?? 0) + 1);
        const dueAt = this.bench.clock.now() + manner.afterMs;
        this.#replies.push({ dueAt, send: () => manner.answer(server, request) });
      }
    }
  }

  #call(): void {
    const call = this.bench.call(this.#calls);
    const ended = () => {
      this.ended++;
      if (call.ends[0] !== 'complete') this.failed++;
      this.#call();
    };
    call.whenEnded = ended;
  }
}
