import type { Entry } from '../ledger/entry.js';
import type { Beginning, Execution } from '../ledger/execution.js';
import type { Timeline } from '../time/timeline.js';
import type { Process } from '../world/process.js';
import { DID_NOT_RUN } from './answers.js';
import type { Calm } from './calm.js';
import type { Rule, Verdict } from './verdict.js';

/** Judges what servers run. */
export class Executions {
  readonly #timeline: Timeline;
  readonly #calm: Calm;
  readonly #verdict: Verdict;

  constructor(timeline: Timeline, calm: Calm, verdict: Verdict) {
    this.#timeline = timeline;
    this.#calm = calm;
    this.#verdict = verdict;
  }

  beginning(
    entry: Entry,
    server: Process,
    { sentAt = this.#timeline.now, isLate }: Beginning,
  ): void {
    const { ask, executions, end = '' } = entry;
    const broken = (rule: Rule, what: string) =>
      this.#verdict.broken(rule, `${entry.name} begins to run at ${server.name}, ${what}`);
    if (server.isLeaving) broken('no work for nobody', 'which has closed');
    if (sentAt < server.bornAt) broken('no ghosts', 'but was sent before that was there');
    const others = entry.isBroadcast
      ? executions.filter((execution) => execution.server.host === server.host)
      : executions;
    if (!ask.idempotent && others.length > 0) {
      broken('at most once', `and ran at ${placesOf(executions)}`);
    } else if (others.length >= ask.maxAttempts) {
      broken('attempts', `and ran at ${placesOf(executions)}`);
    }
    if (isLate) broken('no work for nobody', 'though its deadline has passed');
    if (entry.isOpen) return;
    if (!ask.idempotent && DID_NOT_RUN.has(end)) {
      broken('honest errors', `but its caller was told that it did not (${end})`);
    }
    if (sentAt > entry.endedAt) broken('no work for nobody', `and was sent after its end (${end})`);
    if (this.#isKnownAt(server, entry)) {
      broken('no work for nobody', `long after its end (${end})`);
    }
  }

  /** These calls have ended: once all is well between their clients and servers, the servers know. */
  abandoned(executions: readonly Execution[]): void {
    for (const execution of executions) this.#lookSoon(execution);
  }

  #lookSoon(execution: Execution): void {
    const { entry, server } = execution;
    this.#timeline.in(this.#calm.hearsAfter(entry.client, server), () => {
      if (execution.state !== 'running') return;
      if (this.#isKnownAt(server, entry)) {
        const goesOn = `${entry.name} goes on running at ${server.name}`;
        this.#verdict.broken('no work for nobody', `${goesOn} after its end (${entry.end})`);
      } else {
        this.#lookSoon(execution);
      }
    });
  }

  /** Whether the server must have heard by now that the call has ended. */
  #isKnownAt(server: Process, { client, endedAt }: Entry): boolean {
    const since = this.#timeline.now - this.#calm.hearsAfter(client, server);
    return endedAt <= since && this.#calm.since(since, client, server);
  }
}

function placesOf(executions: readonly Execution[]): string {
  return executions.map(({ server }) => server.name).join(', ');
}
