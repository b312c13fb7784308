import type { BatchObservableResult, Meter, Observable } from '@opentelemetry/api';
import { type Source, sources } from '../telemetry/sources.js';
import { CallShares } from './call-shares.js';
import { CLIENT_NAME, SERVER_STATE } from './conventions.js';

/** All states of servers: one that no server is in any more is told as 0. */
const STATES = ['connecting', 'alive', 'suspect', 'draining', 'dead'];

/** What is read of the clients and servers of this process whenever metrics are collected. */
export class FigureMetrics {
  readonly #meter: Meter;
  readonly #servers: Observable;
  readonly #pending: Observable;
  readonly #shares: Observable;
  readonly #discovered: Observable;
  readonly #running: Observable;
  readonly #queued: Observable;
  readonly #observe = (result: BatchObservableResult): void => this.#read(result);

  constructor(meter: Meter) {
    this.#meter = meter;
    const level = (name: string, unit: string, description: string): Observable =>
      meter.createObservableUpDownCounter(`freelance.${name}`, { unit, description });
    this.#servers = level(
      'client.servers',
      '{server}',
      'Servers that the clients watch, by the state in which they see them.',
    );
    this.#pending = level('client.pending', '{call}', 'Open calls and events of the clients.');
    this.#shares = meter.createObservableGauge('freelance.client.call.share', {
      unit: '1',
      description:
        'Part of the calls that goes to servers of a priority, in the zone of the client or not.',
    });
    this.#discovered = level(
      'client.discovered',
      '{server}',
      'Servers that the discoveries of the clients name.',
    );
    this.#running = level(
      'server.running',
      '{call}',
      'Calls and events whose handlers run, those among them that nobody waits for any more.',
    );
    this.#queued = level('server.queued', '{call}', 'Calls and events that wait for a place.');
  }

  start(): void {
    this.#meter.addBatchObservableCallback(this.#observe, this.#all);
  }

  stop(): void {
    this.#meter.removeBatchObservableCallback(this.#observe, this.#all);
  }

  get #all(): Observable[] {
    return [
      this.#servers,
      this.#pending,
      this.#shares,
      this.#discovered,
      this.#running,
      this.#queued,
    ];
  }

  #read(result: BatchObservableResult): void {
    const open = sources();
    for (const [name, figures] of clientsByName(open)) {
      const client = name === '' ? {} : { [CLIENT_NAME]: name };
      result.observe(this.#pending, figures.pending, client);
      for (const [state, count] of figures.servers) {
        result.observe(this.#servers, count, { ...client, [SERVER_STATE]: state });
      }
      for (const [share, where] of figures.shares.parts())
        result.observe(this.#shares, share, { ...client, ...where });
      if (figures.discovered !== undefined)
        result.observe(this.#discovered, figures.discovered, client);
    }
    const servers = open.filter((source) => source.kind === 'server');
    if (servers.length === 0) return;
    const figures = servers.map((server) => server.figures());
    result.observe(this.#running, sum(figures.map(({ running }) => running)));
    result.observe(this.#queued, sum(figures.map(({ queued }) => queued)));
  }
}

interface ClientSum {
  pending: number;
  readonly shares: CallShares;
  /** Undefined if none has a discovery. */
  discovered: number | undefined;
  readonly servers: Map<string, number>;
}

/** Clients of one name are one series, so they are added up: of two observations the second would replace the first. */
function clientsByName(open: readonly Source[]): ReadonlyMap<string, ClientSum> {
  const byName = new Map<string, ClientSum>();
  for (const source of open) {
    if (source.kind !== 'client') continue;
    const { name } = source.client;
    const { pending, states, discovery, ...sharing } = source.figures();
    const figures = byName.get(name) ?? {
      pending: 0,
      shares: new CallShares(),
      discovered: undefined,
      servers: new Map(STATES.map((state) => [state, 0])),
    };
    byName.set(name, figures);
    figures.pending += pending;
    figures.shares.add(sharing);
    if (discovery) figures.discovered = (figures.discovered ?? 0) + discovery.servers;
    for (const state of states) {
      figures.servers.set(state, (figures.servers.get(state) ?? 0) + 1);
    }
  }
  return byName;
}

function sum(numbers: readonly number[]): number {
  return numbers.reduce((all, each) => all + each, 0);
}
