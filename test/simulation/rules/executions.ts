import { LEAST_REST_MS } from '../../../lib/agents/server/client-prober.js';
import type { Entry } from '../ledger/entry.js';
import type { Beginning, Execution } from '../ledger/execution.js';
import type { Network } from '../network/network.js';
import type { Plan } from '../scenarios/scenario.js';
import type { Timeline } from '../time/timeline.js';
import type { Process } from '../world/process.js';
import { DID_NOT_RUN } from './answers.js';
import type { Calm } from './calm.js';
import type { Rule, Verdict } from './verdict.js';

/** Checks what servers run. */
export class Executions {
  readonly #timeline: Timeline;
  readonly #network: Network;
  readonly #calm: Calm;
  readonly #verdict: Verdict;
  /** Whether no call may run twice, idempotent or not. */
  readonly #isFlawless: boolean;
  readonly #onceAt: ReadonlySet<string>;

  constructor(
    timeline: Timeline,
    network: Network,
    calm: Calm,
    verdict: Verdict,
    { isFlawless = false, onceAt = [] }: Pick<Plan, 'isFlawless' | 'onceAt'>,
  ) {
    this.#timeline = timeline;
    this.#network = network;
    this.#calm = calm;
    this.#verdict = verdict;
    this.#isFlawless = isFlawless;
    this.#onceAt = new Set(onceAt);
  }

  beginning(entry: Entry, server: Process, { sentAt, isLate }: Beginning): void {
    const { ask, executions, end = '' } = entry;
    const broken = (rule: Rule, what: string) =>
      this.#verdict.broken(rule, `${entry.name} begins to run at ${server.name}, ${what}`);
    if (server.isLeaving) broken('no orphaned work', 'which has closed');
    if (sentAt !== undefined && sentAt < server.bornAt)
      broken('no ghosts', 'but was sent before that was there');
    const others = entry.isBroadcast
      ? executions.filter((execution) => execution.server.host === server.host)
      : executions;
    if (!ask.idempotent && others.length > 0) {
      broken('at most once', `and ran at ${placesOf(executions)}`);
    } else if (others.length >= entry.mostAttempts) {
      broken('attempts', `and ran at ${placesOf(executions)}`);
    }
    const places = [server, ...others.map((execution) => execution.server)];
    if (others.length > 0 && places.some(({ host }) => this.#onceAt.has(host))) {
      broken('runs once', `and ran at ${placesOf(executions)}`);
    }
    // A server stops what runs for a client whose connection it has lost.
    const hasLost = this.#network.endedLastBetween(entry.client, server) >= entry.startedAt;
    if (!hasLost && executions.some((execution) => execution.server === server)) {
      broken('not resent there', 'where it was given up, or still runs');
    }
    if (this.#isFlawless && others.length > 0) {
      broken('nothing lost', `and ran at ${placesOf(executions)}`);
    }
    if (isLate) broken('no orphaned work', 'though its deadline has passed');
    if (entry.isOpen) return;
    if (!ask.idempotent && DID_NOT_RUN.has(end)) {
      broken('honest errors', `but its caller was told that it did not (${end})`);
    }
    if (sentAt !== undefined && sentAt > entry.endedAt) {
      broken('no orphaned work', `and was sent after its end (${end})`);
    }
    if (this.#isKnownAt(server, entry, entry.endedAt)) {
      broken('no orphaned work', `long after its end (${end})`);
    }
  }

  /** A hedged call has its first value: its other attempts are stopped. */
  settled(entry: Entry): void {
    const { name, client, executions } = entry;
    const { now } = this.#timeline;
    const longest = executions.map(({ server }) => this.#calm.hearsAfter(client, server));
    this.#timeline.in(Math.max(...longest), () => {
      const knowing = executions.filter(
        ({ state, server }) => state === 'running' && this.#isKnownAt(server, entry, now),
      );
      if (knowing.length < 2) return;
      const what = `${name} is answered, and goes on running at ${placesOf(knowing)}`;
      this.#verdict.broken('no orphaned work', what);
    });
  }

  /** These calls have ended: once all is well between their clients and servers, the servers know. */
  abandoned(executions: readonly Execution[]): void {
    for (const execution of executions) this.#lookSoon(execution);
  }

  #lookSoon(execution: Execution): void {
    const { entry, server } = execution;
    this.#timeline.in(this.#calm.hearsAfter(entry.client, server), () => {
      if (execution.state !== 'running') return;
      if (this.#isKnownAt(server, entry, entry.endedAt)) {
        const goesOn = `${entry.name} goes on running at ${server.name}`;
        this.#verdict.broken('no orphaned work', `${goesOn} after its end (${entry.end})`);
      } else {
        this.#lookSoon(execution);
      }
    });
  }

  /** Whether the server must have heard by now what the client sent then. */
  #isKnownAt(server: Process, { client, startedAt }: Entry, saidAt: number): boolean {
    const { now } = this.#timeline;
    // The server detects whose connection ended by probing, with pauses.
    const hasLost = this.#network.endedLastBetween(client, server) >= startedAt;
    const looksAfter = hasLost ? LEAST_REST_MS : 0;
    const since = now - this.#calm.hearsAfter(client, server) - looksAfter;
    return saidAt <= since && this.#calm.since(since, client, server);
  }
}

function placesOf(executions: readonly Execution[]): string {
  return executions.map(({ server }) => server.name).join(', ');
}
