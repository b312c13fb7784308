import type { Subscription } from 'rxjs';
import type { EndpointStats } from '../agents/client/client-stats.js';
import { FreelanceError } from '../core/freelance-error.js';
import { onlyFailure } from '../core/only-failure.js';
import { plainText } from '../core/plain-text.js';
import type { FreelanceClientProxy } from '../nest/client/freelance-client-proxy.js';
import { FreelanceRecordBuilder } from '../nest/client/freelance-record.js';
import { NO_MESSAGE_HANDLER } from '../nest/server/nest-words.js';
import { STATS_PATTERN } from '../protocol/introspection.js';
import { type Activity, activityBetween, NO_ACTIVITY } from './activity.js';
import { isSameRun, type Reading, readReading } from './reading.js';
import { NOT_ASKED_YET } from './snapshot.js';

/** What a server says of itself, and since when it says nothing new. */
export interface ServerReport extends Activity {
  readonly reading: Reading | undefined;
  readonly noStats: string | undefined;
  readonly staleMs: number | undefined;
}

/** What the watch needs of a client. */
export type ObservingClient = Pick<
  FreelanceClientProxy,
  'connect' | 'close' | 'send' | 'stats' | 'on'
>;

/** However often it is asked: a machine that is busy answers no sooner. */
const LEAST_TIMEOUT_MS = 1000;

/** One answer may be late. */
const STALE_INTERVALS = 2;

/**
 * One server, watched by a client of its own: so that the answer is that server's for sure, even if two have the same id, and
 * no server waits for another.
 */
export class WatchedServer {
  /** Of this server alone. */
  readonly client: ObservingClient;
  readonly #intervalMs: number;
  readonly #now: () => number;
  #asking: Subscription | undefined;
  #reading: Reading | undefined;
  #readAt = 0;
  #activity = NO_ACTIVITY;
  #noStats: string | undefined = NOT_ASKED_YET;
  #isWithout = false;

  /**
   * @param client of this server alone
   * @param intervalMs how often it is asked, unless its answer takes longer
   * @param now of a clock that never goes back
   */
  constructor(client: ObservingClient, intervalMs: number, now: () => number) {
    this.client = client;
    this.#intervalMs = intervalMs;
    this.#now = now;
  }

  open(): void {
    // That it cannot be reached is what its state says.
    this.client.connect().catch(() => undefined);
  }

  close(): void {
    this.lost();
    this.client.close();
  }

  /** How the client sees it; undefined before `open`. */
  get view(): { readonly endpoint: string; readonly stats: EndpointStats } | undefined {
    const [first] = Object.entries(this.client.stats().endpoints);
    return first && { endpoint: first[0], stats: first[1] };
  }

  /** The server was lost: what comes next counts from zero. */
  lost(): void {
    this.#asking?.unsubscribe();
    this.#asking = undefined;
    this.#forget(NOT_ASKED_YET);
    this.#isWithout = false;
  }

  /** Asks for statistics, unless it is being asked, cannot be called, or offers none. */
  ask(): void {
    const state = this.view?.stats.state;
    // To one that drains, the call would not even be sent.
    if (this.#asking || this.#isWithout || (state !== 'alive' && state !== 'suspect')) return;
    // A call that is for this server alone goes there even if it says that it is not ready.
    const timeoutMs = Math.max(this.#intervalMs, LEAST_TIMEOUT_MS);
    const request = new FreelanceRecordBuilder({}).setTimeout(timeoutMs).setBroadcast();
    let answer: unknown;
    const asking = this.client.send<unknown>(STATS_PATTERN, request.build()).subscribe({
      next: (value) => void (answer = value),
      error: (error: unknown) => this.#done(() => this.#failed(onlyFailure(error)?.error ?? error)),
      complete: () => this.#done(() => this.#answered(answer)),
    });
    if (!asking.closed) this.#asking = asking;
  }

  get report(): ServerReport {
    const ageMs = this.#now() - this.#readAt;
    return {
      ...this.#activity,
      reading: this.#reading,
      noStats: this.#noStats,
      staleMs: this.#reading && ageMs > STALE_INTERVALS * this.#intervalMs ? ageMs : undefined,
    };
  }

  #done(then: () => void): void {
    this.#asking = undefined;
    then();
  }

  #answered(answer: unknown): void {
    const reading = readReading(answer);
    if (!reading) return this.#forget(`its answer to ${STATS_PATTERN} makes no sense`);
    const before = this.#reading;
    // A server that is asked by several at once may repeat itself.
    if (before && reading.startedAt === before.startedAt && reading.uptimeMs === before.uptimeMs)
      return;
    const ms = before && isSameRun(before, reading) ? reading.uptimeMs - before.uptimeMs : 0;
    this.#activity = activityBetween(before, reading, ms);
    this.#reading = reading;
    this.#readAt = this.#now();
    this.#noStats = undefined;
  }

  #failed(error: unknown): void {
    // No answer: a server that hangs, or is lost. Its state says which; the next time it may answer.
    if (error instanceof FreelanceError) return;
    const message = messageOf(error);
    // Asked again once it has been lost and is back: each time counts as an error there.
    this.#isWithout = message === NO_MESSAGE_HANDLER;
    this.#forget(
      this.#isWithout
        ? 'it offers none: its option introspection is off'
        : `it refuses them: ${plainText(message)}`,
    );
  }

  #forget(why: string): void {
    this.#reading = undefined;
    this.#activity = NO_ACTIVITY;
    this.#noStats = why;
  }
}

function messageOf(error: unknown): string {
  if (typeof error === 'string') return error;
  const { message } = Object(error) as { message?: unknown };
  return typeof message === 'string' ? message : 'an error without a message';
}
