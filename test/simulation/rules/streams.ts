import type { Entry } from '../ledger/entry.js';
import type { Execution } from '../ledger/execution.js';
import type { Timeline } from '../time/timeline.js';
import type { Calm } from './calm.js';
import type { Verdict } from './verdict.js';

/** Checks what callers learn of streams that their server no longer runs. */
export class Streams {
  readonly #timeline: Timeline;
  readonly #calm: Calm;
  readonly #verdict: Verdict;
  /** For each stream, the run that ended last: its values may be in flight. */
  readonly #latest = new WeakMap<Entry, Execution>();

  constructor(timeline: Timeline, calm: Calm, verdict: Verdict) {
    this.#timeline = timeline;
    this.#calm = calm;
    this.#verdict = verdict;
  }

  /** A handler is done, or was stopped: its values arrive, or the client learns that some were lost. */
  executed(execution: Execution): void {
    if (execution.entry.ask.kind !== 'stream') return;
    this.#latest.set(execution.entry, execution);
    this.#lookSoon(execution);
  }

  #lookSoon(execution: Execution): void {
    const { entry, server } = execution;
    const { client, terms } = entry;
    // The next PONG reports lost messages; without a PONG, the server is silent.
    const soon = terms.silence + 2 * this.#calm.hearsAfter(client, server);
    this.#timeline.in(soon, () => {
      if (!waits(entry) || this.#latest.get(entry) !== execution) return;
      if (this.#calm.since(this.#timeline.now - soon, server, client)) {
        const what = `${entry.name} has ${entry.values} of ${entry.expected} values, and waits for more`;
        this.#verdict.broken(
          'no stranded reader',
          `${what}, though ${server.name} is done with it`,
        );
      } else {
        this.#lookSoon(execution);
      }
    });
  }
}

/** Whether the stream is open, has begun, so that it is not retried, and runs nowhere. */
function waits({ isOpen, values, executions }: Entry): boolean {
  return isOpen && values > 0 && executions.every(({ state }) => state === 'over');
}
