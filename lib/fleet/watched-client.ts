import type { CallStats } from '../agents/call-stats.js';
import type { ClientCallStats, ClientStats, EndpointStats } from '../agents/client/client-stats.js';
import type { FreelanceClientProxy } from '../nest/client/freelance-client-proxy.js';
import { type PatternTally, patternSnapshot } from './pattern-tally.js';
import {
  countersOf,
  errorCount,
  type Flow,
  flowBetween,
  NO_COUNTERS,
  NO_FLOW,
  perSecond,
  ratesOf,
} from './rates.js';
import type { ClientSnapshot, LinkSnapshot } from './snapshot.js';

/** A client of this process, and how it is called. */
export interface NamedClient {
  readonly name: string;
  readonly client: Pick<FreelanceClientProxy, 'id' | 'stats' | 'on'>;
}

/** What a client does at one of its servers. */
export interface Link {
  readonly stats: EndpointStats;
  readonly flow: Flow;
  readonly refusedPerSecond: number;
  /** How many calls it answered with an error; `flow` also has the attempts that it did not answer. */
  readonly answeredErrorsPerSecond: number;
}

/** A client of this process, read once per interval. */
export class WatchedClient {
  readonly #name: string;
  readonly #client: NamedClient['client'];
  readonly #now: () => number;
  #stats: ClientStats;
  #readAt: number;
  #total = NO_FLOW;
  #patterns: readonly PatternTally[] = [];
  #unanswered: readonly PatternTally[] = [];
  #unansweredPerSecond = 0;
  #links: ReadonlyMap<string, Link> = new Map();

  /** @param now of a clock that never goes back */
  constructor({ name, client }: NamedClient, now: () => number) {
    this.#name = name;
    this.#client = client;
    this.#now = now;
    this.#stats = client.stats();
    this.#readAt = now();
  }

  /** Its servers of the moment, by their addresses. */
  get links(): ReadonlyMap<string, Link> {
    return this.#links;
  }

  get patterns(): readonly PatternTally[] {
    return this.#patterns;
  }

  /**
   * The calls that failed without an answer, by pattern: they timed out, were lost, or found no server. No server counts them
   * as errors, and some as calls: these tallies have errors alone.
   */
  get unanswered(): readonly PatternTally[] {
    return this.#unanswered;
  }

  /** How many such calls there were. */
  get unansweredPerSecond(): number {
    return this.#unansweredPerSecond;
  }

  read(): void {
    const before = this.#stats;
    const after = this.#client.stats();
    const readAt = this.#now();
    const ms = readAt - this.#readAt;
    const flow = (earlier: CallStats | undefined, later: CallStats) =>
      flowBetween(earlier ? countersOf(earlier) : NO_COUNTERS, countersOf(later), ms);
    this.#total = flow(before, after);
    this.#links = new Map(
      Object.entries(after.endpoints).map(([endpoint, stats]) => {
        const earlier = before.endpoints[endpoint];
        const refusedPerSecond = perSecond(earlier?.refused ?? 0, stats.refused, ms);
        const answeredErrorsPerSecond = perSecond(
          earlier?.errors.HANDLER ?? 0,
          stats.errors.HANDLER ?? 0,
          ms,
        );
        const its = flow(earlier, stats);
        return [endpoint, { stats, flow: its, refusedPerSecond, answeredErrorsPerSecond }];
      }),
    );
    this.#patterns = Object.entries(after.patterns).map(([pattern, stats]) => ({
      pattern,
      calls: stats.calls,
      errors: errorCount(stats.errors),
      pending: stats.pending,
      flow: flow(entryOf(before.patterns, pattern), stats),
    }));
    this.#unanswered = Object.entries(after.patterns).flatMap(([pattern, stats]) => {
      const errors = unansweredOf(stats);
      if (errors === 0) return [];
      const earlier = entryOf(before.patterns, pattern);
      const errorsPerSecond = perSecond(earlier ? unansweredOf(earlier) : 0, errors, ms);
      return [{ pattern, calls: 0, errors, pending: 0, flow: { ...NO_FLOW, errorsPerSecond } }];
    });
    this.#unansweredPerSecond = perSecond(unansweredOf(before), unansweredOf(after), ms);
    this.#stats = after;
    this.#readAt = readAt;
  }

  /**
   * States and open calls are those of now, rates those of the last interval.
   *
   * @param shownAt under which address the server at an address is shown
   */
  snapshot(shownAt: (endpoint: string) => string): ClientSnapshot {
    const { endpoints, pending, zone, priorities, discovery } = this.#client.stats();
    return {
      name: this.#name,
      pending,
      zone,
      priorities,
      discovery,
      links: Object.entries(endpoints).map(([endpoint, stats]) =>
        linkSnapshot(shownAt(endpoint), stats, this.#links.get(endpoint)?.flow ?? NO_FLOW),
      ),
      patterns: this.#patterns.map(patternSnapshot),
      ...ratesOf(this.#total),
    };
  }
}

/** Users' data may choose patterns: one named `constructor` is no member that the object has from its prototype. */
function entryOf<Entry>(all: Readonly<Record<string, Entry>>, name: string): Entry | undefined {
  return Object.hasOwn(all, name) ? all[name] : undefined;
}

function unansweredOf({ errors }: Pick<ClientCallStats, 'errors'>): number {
  return errorCount(errors) - (errors.HANDLER ?? 0);
}

function linkSnapshot(
  endpoint: string,
  { state, pending }: EndpointStats,
  flow: Flow,
): LinkSnapshot {
  return { endpoint, state, pending, ...ratesOf(flow) };
}
