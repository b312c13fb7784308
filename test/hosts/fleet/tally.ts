import type { Answered, Meter } from '../../chaos/load/meter.js';
import type { LoadReport, ServerSinceMark, SinceMark } from './messages.js';

/** How many messages of failures are told. */
const EXAMPLES = 3;

/** Of `performance.now()`, as `Date.now()`. */
const asDate = (time: number): number => performance.timeOrigin + time;

/** What became of a load's calls since a mark, by the server that answered. */
export class Tally {
  #markedAt = performance.now();
  #answered = 0;
  #worstMs = 0;
  #servers = new Map<string, ServerSinceMark>();

  mark(): void {
    this.#markedAt = performance.now();
    this.#answered = 0;
    this.#worstMs = 0;
    this.#servers = new Map();
  }

  note({ serverId, startedAt, endedAt }: Answered): void {
    if (startedAt < this.#markedAt) return;
    this.#answered++;
    this.#worstMs = Math.max(this.#worstMs, endedAt - startedAt);
    const before = this.#servers.get(serverId);
    this.#servers.set(serverId, {
      answered: (before?.answered ?? 0) + 1,
      firstAnsweredAt: before?.firstAnsweredAt ?? asDate(endedAt),
      lastCalledAt: Math.max(before?.lastCalledAt ?? 0, asDate(startedAt)),
    });
  }

  get since(): SinceMark {
    return {
      answered: this.#answered,
      worstMs: this.#worstMs,
      servers: Object.fromEntries(this.#servers),
    };
  }
}

export function reportOf({ started, answered, failures }: Meter, since: SinceMark): LoadReport {
  const failed: Record<string, number> = {};
  for (const { code } of failures) failed[code] = (failed[code] ?? 0) + 1;
  const examples = failures.slice(0, EXAMPLES).map(({ code, message }) => `${code}: ${message}`);
  return { started, answered, failed, examples, since };
}
