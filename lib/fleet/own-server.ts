import type { CallStats } from '../agents/call-stats.js';
import type { ServerStats } from '../agents/server/server-stats.js';
import type { FreelanceTransportServer } from '../nest/server/freelance-transport-server.js';
import { type Activity, activityBetween, NO_ACTIVITY, type ServerCounts } from './activity.js';
import { reachesOwn } from './own-address.js';
import { patternSnapshot } from './pattern-tally.js';
import { countersOf, errorCount, knownOverMs, ratesOf } from './rates.js';
import { type CallReading, OTHER_PATTERNS } from './reading.js';
import type { ServerPlace, ServerSnapshot } from './snapshot.js';

/** A server of this process, and how it is called. */
export interface NamedServer {
  readonly name: string;
  readonly server: Pick<FreelanceTransportServer, 'endpoints' | 'stats' | 'isReady'>;
}

/** A server of this process, read once per interval: it says of itself what others are asked for over the network. */
export class OwnServer {
  readonly name: string;
  readonly #server: NamedServer['server'];
  readonly #now: () => number;
  #counts: ServerCounts | undefined;
  #readAt = 0;
  #activity = NO_ACTIVITY;
  #isReady = true;
  #isAsking = false;

  /** @param now of a clock that never goes back */
  constructor({ name, server }: NamedServer, now: () => number) {
    this.name = name;
    this.#server = server;
    this.#now = now;
  }

  /** Its first address; its name while it does not listen. */
  get endpoint(): string {
    return this.#server.endpoints[0] ?? this.name;
  }

  /** In the last interval. */
  get activity(): Activity {
    return this.#activity;
  }

  /** Whether this is its address, as a client calls it. */
  isAt(endpoint: string): boolean {
    return this.#server.endpoints.some((bound) => reachesOwn(endpoint, bound));
  }

  read(): void {
    const counts = countsOf(this.#server.stats());
    const readAt = this.#now();
    this.#activity = activityBetween(this.#counts, counts, readAt - this.#readAt);
    this.#counts = counts;
    this.#readAt = readAt;
    this.#askWhetherReady();
  }

  /** Its state is that of now, rates are those of the last interval. */
  snapshot(): Omit<ServerSnapshot, keyof ServerPlace> {
    const { isDraining, running, queued, clients } = this.#server.stats();
    const { flow, refusedPerSecond, patterns, callers } = this.#activity;
    const isListening = this.#server.endpoints.length > 0;
    return {
      endpoint: this.endpoint,
      id: this.name,
      ...this.#state(isListening, isDraining),
      heartbeatMs: undefined,
      noStats: isListening ? undefined : NOT_LISTENING,
      staleMs: undefined,
      running,
      queued,
      clients,
      refusedPerSecond,
      patterns: patterns.map(patternSnapshot),
      callers,
      ratesOverMs: knownOverMs(flow),
      ...ratesOf(flow),
    };
  }

  /** As clients see it. */
  #state(isListening: boolean, isDraining: boolean): Pick<ServerSnapshot, 'state' | 'reason'> {
    if (!isListening) return { state: 'dead', reason: NOT_LISTENING };
    if (isDraining) return { state: 'draining', reason: '' };
    if (!this.#isReady) return { state: 'suspect', reason: 'it is not ready' };
    return { state: 'alive', reason: '' };
  }

  /** A check of the user's may take its time: the answer is for a later snapshot. */
  #askWhetherReady(): void {
    if (this.#isAsking) return;
    this.#isAsking = true;
    void this.#server
      .isReady()
      .then((isReady) => (this.#isReady = isReady))
      .catch(() => (this.#isReady = false))
      .finally(() => (this.#isAsking = false));
  }
}

const NOT_LISTENING = 'it does not listen';

function countsOf(stats: ServerStats): ServerCounts {
  const { patterns, otherPatterns, callers, refused } = stats;
  const byPattern = readingsOf(patterns);
  if (otherPatterns.calls > 0) byPattern.set(OTHER_PATTERNS, readingOf(otherPatterns));
  return {
    total: countersOf(stats),
    refused: errorCount(refused),
    patterns: byPattern,
    callers: readingsOf(callers),
  };
}

function readingsOf(all: Readonly<Record<string, CallStats>>): Map<string, CallReading> {
  return new Map(Object.entries(all).map(([name, stats]) => [name, readingOf(stats)]));
}

function readingOf(stats: CallStats): CallReading {
  return { ...countersOf(stats), pending: stats.pending };
}
