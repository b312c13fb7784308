import type { Process } from '../world/process.js';
import type { Timeline } from '../time/timeline.js';
import type { Ask } from '../workload/ask.js';
import { type End, Entry, type Terms } from './entry.js';
import { type Beginning, Execution } from './execution.js';

/** Checks every entry: values, ends and beginnings before they are entered. */
export interface Judges {
  readonly answers: {
    valueCame(entry: Entry, value: unknown): void;
    /** @param error what the caller got, if it got an error */
    ending(entry: Entry, end: End, error: unknown): void;
  };
  readonly budgets: {
    asked(entry: Entry): void;
    beginning(entry: Entry, attempt: number): void;
  };
  readonly executions: {
    beginning(entry: Entry, server: Process, how: Beginning): void;
    /** One of the call's attempts has answered: the others must stop. */
    settled(entry: Entry): void;
    /** Nobody waits for these calls any more: they must not run for long. */
    abandoned(executions: readonly Execution[]): void;
  };
  readonly streams: {
    /** Called after it was entered. */
    executed(execution: Execution): void;
  };
}

/** Every call of a world: who made it, how it ended, and where it ran. */
export class Ledger {
  readonly #entries: Entry[] = [];
  readonly #openOf = new Map<Process, Set<Entry>>();
  readonly #runningAt = new Map<Process, Set<Execution>>();
  readonly #timeline: Timeline;
  readonly #judges: Judges;

  constructor(timeline: Timeline, judges: Judges) {
    this.#timeline = timeline;
    this.#judges = judges;
  }

  get entries(): readonly Entry[] {
    return this.#entries;
  }

  openOf(client: Process): ReadonlySet<Entry> {
    return setOf(this.#openOf, client);
  }

  /** Handlers that run there, including those whose values still wait for credit. */
  runningAt(server: Process): ReadonlySet<Execution> {
    return setOf(this.#runningAt, server);
  }

  find(number: number): Entry | undefined {
    return this.#entries[number];
  }

  asked(ask: Ask, client: Process, terms: Terms): Entry {
    const entry = new Entry(this.#entries.length, ask, client, this.#timeline.now, terms);
    this.#entries.push(entry);
    this.#judges.budgets.asked(entry);
    setOf(this.#openOf, client).add(entry);
    return entry;
  }

  valueCame(entry: Entry, value: unknown): void {
    this.#judges.answers.valueCame(entry, value);
    entry.values++;
    if (entry.values === 1 && entry.ask.hedge) this.#judges.executions.settled(entry);
  }

  ended(entry: Entry, end: End, error?: unknown): void {
    this.#judges.answers.ending(entry, end, error);
    if (!entry.isOpen) return;
    entry.end = end;
    entry.endedAt = this.#timeline.now;
    setOf(this.#openOf, entry.client).delete(entry);
    const running = entry.executions.filter(({ state }) => state === 'running');
    if (running.length > 0) this.#judges.executions.abandoned(running);
  }

  /** A handler begins. */
  executing(entry: Entry, server: Process, how: Beginning): Execution {
    this.#judges.executions.beginning(entry, server, how);
    this.#judges.budgets.beginning(entry, how.attempt);
    const execution = new Execution(entry, server, this.#timeline.now);
    entry.executions.push(execution);
    setOf(this.#runningAt, server).add(execution);
    if (!entry.isOpen) this.#judges.executions.abandoned([execution]);
    return execution;
  }

  executed(execution: Execution): void {
    execution.state = 'over';
    setOf(this.#runningAt, execution.server).delete(execution);
    this.#judges.streams.executed(execution);
  }

  died(process: Process): void {
    for (const entry of this.openOf(process)) this.ended(entry, 'died');
    for (const execution of this.runningAt(process)) this.executed(execution);
  }
}

function setOf<K, T>(sets: Map<K, Set<T>>, key: K): Set<T> {
  let set = sets.get(key);
  if (!set) sets.set(key, (set = new Set()));
  return set;
}
